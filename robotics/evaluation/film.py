"""Runs a seeded lockstep episode once more and films it: same seed, same motion, now with pictures."""

from collections.abc import Sequence
from pathlib import Path

from robotics.evaluation.episode import EpisodePlan, EpisodeResult, run_episode
from robotics.evaluation.video import VideoWriter, caption_of, film_cameras, film_picture
from robotics.policy import Policy
from robotics.session import RobotSession, RobotState


def film_episode(
    session: RobotSession, policy: Policy, plan: EpisodePlan, path: Path, frame_rate: float = 12.5
) -> EpisodeResult:
    """Run the episode and write an MP4 of it.

    Args:
        frame_rate: Pictures a second of robot time [1/s].
    """
    embodiment = session.describe().embodiment
    cameras = film_cameras(embodiment.camera_names)
    step = max(1, round(embodiment.control_rate_hz / frame_rate))
    with VideoWriter(path, embodiment.control_rate_hz / step) as video:
        ticks = 0

        def add_picture(states: Sequence[RobotState]) -> None:
            nonlocal ticks
            ticks += len(states)
            task = states[-1].task
            progress, stage, success = (task.progress, task.stage, task.success) if task else (0.0, "", False)
            observation = session.observe(cameras)
            title, status = caption_of(
                observation.instruction, ticks / embodiment.control_rate_hz, progress, stage, success
            )
            images = {name: observation.images[name].image for name in cameras}
            video.add(film_picture(images, title, status, progress))

        return run_episode(session, policy, plan, on_states=add_picture, advance_at_most=step)
