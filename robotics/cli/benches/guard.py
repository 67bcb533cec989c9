"""What the guard costs a control tick: laying the path, limits of motion, looking ahead for collisions."""

import time

import numpy as np

from robotics.action import ActionChunk
from robotics.bridge.benchmark import WeightlessRobot
from robotics.bridge.control import ControlLoop
from robotics.bridge.interpolation import ServoPath
from robotics.cli.benches.measurement import Measurement, distribution
from robotics.cli.connect import parse_robot
from robotics.clock import SteppedClock
from robotics.embodiment import Embodiment
from robotics.embodiments import embodiment_names, load_embodiment
from robotics.safety.guard import Guard

_TICKS = 50
"""Control ticks of one plan."""
_REPLAN_TICKS = 8
"""A new chunk takes over so often: its path is laid in the tick that begins."""


def measure(robot: str, quick: bool) -> list[Measurement]:
    """Plans of one second: smooth ones that pass, and jumps that have to be limited; for every robot here."""
    chosen = parse_robot(robot).value
    names = (chosen, *(name for name in embodiment_names() if name != chosen))
    return [row for name in names for row in _measure_robot(load_embodiment(name), 10 if quick else 60)]


def _measure_robot(embodiment: Embodiment, plans: int) -> list[Measurement]:
    label = f"{embodiment.name}, {embodiment.action_dim} dimensions"
    results = []
    for kind, make in (("passing", _sway), ("binding", _jumps)):
        rng, guard, loop = np.random.default_rng(0), Guard(embodiment, "bench"), _Loop(embodiment)
        guard_ms: list[float] = []
        tick_ms: list[float] = []
        bound = held = 0
        for index in range(plans + 2):
            plan = make(embodiment, rng)
            guard.motion.reset(embodiment.home)
            before = _interventions(guard)
            found = _run_plan(guard, plan), loop.run(plan)
            held += guard.danger is not None
            if index >= 2:  # the first two warm up
                guard_ms.extend(found[0])
                tick_ms.extend(found[1])
                bound += _interventions(guard) - before
        share = f"{100 * bound / len(guard_ms):.0f} limits bound in 100 ticks"
        note = f"a control tick, a new path every {_REPLAN_TICKS}; {share}; {held} stops for a collision"
        results.append(distribution(f"guard, {kind} plan, {label}", "ms", guard_ms, note))
        note = "the same with reading, schedule, writing and the tick's state"
        results.append(distribution(f"begin_tick, {kind} plan, {label}", "ms", tick_ms, note))
    return results


def _interventions(guard: Guard) -> int:
    return sum(guard.counts.values())


def _run_plan(guard: Guard, plan: np.ndarray) -> list[float]:
    """Wall time of each control tick [ms], until the plan is over or the guard stops it."""
    times, path = [], None
    for tick in range(len(plan)):
        started, offset = time.perf_counter(), tick % _REPLAN_TICKS
        if path is None or offset == 0:
            guard.motion.splice()
            path = ServoPath(plan[tick:], guard.servo_ticks, guard.motion)
        guard.follow(path.targets[offset], path.lower[offset], path.upper[offset], path.feasible[offset])
        times.append((time.perf_counter() - started) * 1e3)
        if guard.danger is not None:
            break
    return times


class _Loop:
    """A control loop in lockstep, with a robot that costs nothing."""

    def __init__(self, embodiment: Embodiment):
        self._embodiment = embodiment

    def run(self, plan: np.ndarray) -> list[float]:
        """Wall time of each `begin_tick` [ms], until the plan is over or the guard stops it."""
        embodiment, clock, times = self._embodiment, SteppedClock("bench"), []
        loop = ControlLoop(WeightlessRobot(embodiment), clock)
        period_ns, fingerprint = embodiment.control_period_ns, embodiment.interface_fingerprint
        for tick in range(len(plan)):
            if tick % _REPLAN_TICKS == 0:
                loop.submit(ActionChunk(plan[tick:], loop.next_time_ns, period_ns, "bench", fingerprint))
            started = time.perf_counter()
            loop.begin_tick()
            times.append((time.perf_counter() - started) * 1e3)
            for index in range(1, loop.servo_ticks):
                loop.write_servo(index)
            clock.advance(period_ns)
            if loop.guard.danger is not None:
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
