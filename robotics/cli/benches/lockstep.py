"""How much faster than real time lockstep simulation runs on one core."""

import time

from robotics.cli.benches.measurement import Measurement, distribution, single
from robotics.cli.connect import connect, make_policy
from robotics.evaluation.episode import EpisodePlan, run_episode


def measure(robot: str, quick: bool) -> list[Measurement]:
    """Control ticks alone, with every camera drawn each time a policy plans, and whole expert episodes."""
    session = connect(robot, lockstep=True)
    try:
        embodiment = session.describe().embodiment
        period_s = embodiment.control_period_ns / 1e9
        ticks = 200 if quick else 1500
        task = session.describe().tasks[0].name
        session.reset(task, 0)
        session.advance(50)
        plain = _seconds(lambda: session.advance(ticks))
        results = [
            single(
                "lockstep, no images",
                "x real time",
                ticks * period_s / plain,
                f"{ticks} control ticks, guard on",
            )
        ]
        cameras = tuple(n for n in embodiment.camera_names if n != "worms_eye")
        session.observe(cameras)
        step = 15

        def with_pictures() -> None:
            for _ in range(ticks // step):
                session.observe(cameras)
                session.advance(step)

        drawn = _seconds(with_pictures)
        results.append(
            single(
                f"lockstep, {len(cameras)} images every {step} ticks",
                "x real time",
                ticks // step * step * period_s / drawn,
                ", ".join(cameras),
            )
        )
        factors = []
        for description in session.describe().tasks[: 1 if quick else None]:
            session.reset(description.name, 0)
            result = run_episode(session, make_policy("expert", session), EpisodePlan(description.name, 0))
            factors.append(result.duration_s / result.wall_s)
        results.append(distribution("expert episode", "x real time", factors, "one episode a task"))
        return results
    finally:
        session.close()


def _seconds(action) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
