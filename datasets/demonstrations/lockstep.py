"""Records a simulated episode in lockstep, as fast as the machine can: time waits for the recorder."""

from dataclasses import dataclass

from demonstrations.camera_schedule import CameraSchedule
from demonstrations.schema import EpisodeOutcome
from demonstrations.writer import EpisodeWriter
from robotics.errors import RoboticsError, UnknownNameError
from robotics.policy import Policy
from robotics.session import Event, EventKind, RobotSession, RobotState, release_if_stopped
from robotics.task import EpisodeSetup


@dataclass(frozen=True)
class LockstepEpisode:
    """What became of one attempt."""

    setup: EpisodeSetup
    outcome: EpisodeOutcome
    length: int
    """Control ticks."""
    index: int | None
    """In the dataset; None where the episode was not kept."""


def record_lockstep(
    session: RobotSession,
    policy: Policy,
    writer: EpisodeWriter,
    task: str,
    seed: int,
    *,
    instruction: str | None = None,
    operator: str = "",
    settle_s: float = 0.5,
    time_limit_s: float | None = None,
    keep_failures: bool = False,
) -> LockstepEpisode:
    """Run one seeded episode and keep it where it succeeded.

    The stages of the task are kept as SUBTASK events. Each camera of the dataset is captured at the rate
    that the dataset states; pictures that only the policy wants are not kept. A policy or guard that refuses
    ends the episode as a failure.

    Args:
        session: In lockstep, and the leader.
        settle_s: Robot time recorded after success; the success must last until its end.
        time_limit_s: Robot time; the task's own limit by default.
        keep_failures: Commit failed episodes too, marked as such.

    Raises:
        UnknownNameError: No such task, or an instruction that no goal of it fits.
        StorageFullError, DatasetError: The episode could not be written.
    """
    description = session.describe()
    embodiment = description.embodiment
    if time_limit_s is None:
        limits = {t.name: t.time_limit_s for t in description.tasks}
        if task not in limits:
            raise UnknownNameError("task", task, limits)
        time_limit_s = limits[task]
    release_if_stopped(session)
    setup = session.reset(task, seed, instruction)
    policy.reset()
    writer.begin(
        instruction=setup.instruction,
        task=task,
        seed=seed,
        operator=operator,
        source=policy.name,
        clock_id=description.clock_id,
    )
    try:
        outcome = _run(
            session,
            policy,
            writer,
            CameraSchedule(embodiment.control_rate_hz, writer.dataset.description.cameras),
            ticks=max(1, round(time_limit_s * embodiment.control_rate_hz)),
            settle_ticks=round(settle_s * embodiment.control_rate_hz),
        )
        length = writer.length
        if (outcome.success or keep_failures) and length:
            return LockstepEpisode(setup, outcome, length, writer.commit(outcome))
        return LockstepEpisode(setup, outcome, length, None)
    finally:
        writer.discard()


def _run(
    session: RobotSession,
    policy: Policy,
    writer: EpisodeWriter,
    schedule: CameraSchedule,
    *,
    ticks: int,
    settle_ticks: int,
) -> EpisodeOutcome:
    tick = next_plan = 0
    end = ticks
    last: RobotState | None = None
    stage = ""
    while tick < end:
        due = schedule.take(tick)
        plan_is_due = tick >= next_plan
        if due or plan_is_due:
            wanted = dict.fromkeys([*due, *(policy.cameras if plan_is_due else ())])
            observation = session.observe(tuple(wanted))
            for camera in due:
                writer.append_frame(camera, observation.images[camera])
            if plan_is_due:
                try:
                    chunk = policy.act(observation)
                    session.send(chunk)
                except RoboticsError as error:
                    return EpisodeOutcome(False, _progress(last), f"{type(error).__name__}: {error}")
                next_plan = tick + max(1, min(policy.replan_steps, chunk.horizon))
        camera_tick = schedule.next_tick()
        stop = min(end, next_plan, end if camera_tick is None else camera_tick)
        for state in session.advance(stop - tick):
            writer.append_state(state)
            tick += 1
            if state.task is not None and state.task.stage != stage:
                stage = state.task.stage
                writer.append_event(Event(EventKind.SUBTASK, stage, state.joints.time_ns))
            if end == ticks and state.task is not None and state.task.success:
                end = min(ticks, tick + settle_ticks)
            last = state
    success = last is not None and last.task is not None and last.task.success
    if success:
        return EpisodeOutcome(True, _progress(last), "success")
    return EpisodeOutcome(False, _progress(last), "time limit" if end == ticks else "success did not last")


def _progress(state: RobotState | None) -> float | None:
    return state.task.progress if state is not None and state.task is not None else None
