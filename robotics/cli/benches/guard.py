"""What the guard costs a control tick: limits of motion, and looking ahead for collisions."""

import time

import numpy as np

from robotics.bridge.interpolation import ServoPath
from robotics.cli.benches.measurement import Measurement, distribution
from robotics.cli.connect import parse_robot
from robotics.embodiment import Embodiment
from robotics.embodiments import embodiment_names, load_embodiment
from robotics.safety.guard import Guard

_TICKS = 50
"""Control ticks of one plan."""


def measure(robot: str, quick: bool) -> list[Measurement]:
    """Plans of one second: smooth ones that pass, and jumps that have to be limited; for every robot here."""
    chosen = parse_robot(robot).value
    names = (chosen, *(name for name in embodiment_names() if name != chosen))
    return [row for name in names for row in _measure_robot(load_embodiment(name), 10 if quick else 60)]


def _measure_robot(embodiment: Embodiment, plans: int) -> list[Measurement]:
    guard, rng = Guard(embodiment, "bench"), np.random.default_rng(0)
    label = f"{embodiment.name}, {embodiment.action_dim} dimensions"
    results = []
    for kind, make in (("passing", _sway), ("binding", _jumps)):
        times: list[float] = []
        held = 0
        for index in range(plans + 2):
            guard.motion.reset(embodiment.home)
            found = _run_plan(guard, make(embodiment, rng))
            held += guard.danger is not None
            if index >= 2:  # the first two warm up
                times.extend(found)
        results.append(
            distribution(
                f"{kind} plan, {label}", "ms", times, f"a control tick; {held} plans stopped for a collision"
            )
        )
    return results


def _run_plan(guard: Guard, plan: np.ndarray) -> list[float]:
    """Wall time of each control tick [ms], until the plan is over or the guard stops it."""
    guard.motion.splice()
    path = ServoPath(plan, guard.servo_ticks, guard.motion)
    times = []
    for tick in range(len(plan)):
        started = time.perf_counter()
        guard.follow(path.targets[tick], path.lower[tick], path.upper[tick], path.feasible[tick])
        times.append((time.perf_counter() - started) * 1e3)
        if guard.danger is not None:
            break
    return times


def _sway(embodiment: Embodiment, rng: np.random.Generator) -> np.ndarray:
    """A smooth motion out of rest that keeps all limits, shape (ticks, action_dim)."""
    phase = 0.5 * (1.0 - np.cos(np.linspace(0.0, np.pi, _TICKS)))[:, None] ** 2
    return _within(embodiment, embodiment.home + 0.1 * rng.uniform(-1.0, 1.0, embodiment.action_dim) * phase)


def _jumps(embodiment: Embodiment, rng: np.random.Generator) -> np.ndarray:
    """Steps that jump four times a second, shape (ticks, action_dim)."""
    corners = embodiment.home + rng.uniform(-0.15, 0.15, (5, embodiment.action_dim))
    return _within(embodiment, np.repeat(corners, _TICKS // 5, axis=0))


def _within(embodiment: Embodiment, plan: np.ndarray) -> np.ndarray:
    return np.clip(plan, embodiment.position_lower, embodiment.position_upper)
