"""The motion limiter keeps every limit whatever it is asked, and alters nothing that respects them."""

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from hypothesis import given, settings
from hypothesis import strategies as st

from robotics.bridge.interpolation import ServoPath
from robotics.embodiments import load_embodiment
from robotics.safety.motion import MotionLimiter

EMBODIMENT = fake_embodiment()
SERVO_RATES = (50, 100, 250, 500)


def run(limiter: MotionLimiter, plan: np.ndarray, servo_ticks: int, tail: int = 0) -> np.ndarray:
    """Applied targets of `plan` (n, action_dim), then of braking for `tail` control ticks."""
    limiter.splice()
    path = ServoPath(plan, servo_ticks, limiter)
    rows = [
        limiter.follow(path.targets[i], path.lower[i], path.upper[i], path.feasible[i])[0].copy()
        for i in range(len(plan))
    ]
    rows += [limiter.brake(servo_ticks) for _ in range(tail)]
    return np.concatenate(rows)


def assert_limits_kept(applied: np.ndarray, start: np.ndarray, servo_rate_hz: int) -> None:
    assert (applied >= EMBODIMENT.position_lower).all() and (applied <= EMBODIMENT.position_upper).all()
    velocity = np.diff(np.vstack([start, start, applied]), axis=0) * servo_rate_hz
    assert (np.abs(velocity) <= EMBODIMENT.velocity_limit * 1.0001).all()
    acceleration = np.diff(velocity, axis=0) * servo_rate_hz
    assert (np.abs(acceleration) <= EMBODIMENT.acceleration_limit * 1.001).all()
    jerk = np.diff(acceleration, axis=0) * servo_rate_hz
    assert (np.abs(jerk) <= EMBODIMENT.jerk_limit * 1.001).all()


def garbage(seed: int, steps: int, scale: float) -> np.ndarray:
    """Finite steps anywhere inside the position limits: noise, plateaus and wild jumps."""
    rng = np.random.default_rng(seed)
    plan = EMBODIMENT.home + scale * rng.normal(size=(steps, EMBODIMENT.action_dim))
    held = rng.random(steps) < 0.5
    for step in range(1, steps):
        if held[step]:
            plan[step] = plan[step - 1]
    return np.clip(plan, EMBODIMENT.position_lower - 0.02, EMBODIMENT.position_upper + 0.02)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    servo_rate_hz=st.sampled_from(SERVO_RATES),
    scale=st.sampled_from([0.003, 0.05, 0.5, 5.0]),
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=5),
)
def test_limits_are_kept_for_any_finite_chunks(
    seed: int, servo_rate_hz: int, scale: float, lengths: list[int]
):
    limiter = MotionLimiter(EMBODIMENT, servo_rate_hz)
    start, servo_ticks = limiter.position, servo_rate_hz // 50
    applied = [
        run(limiter, garbage(seed + i, steps, scale), servo_ticks, tail=i % 2)
        for i, steps in enumerate(lengths)
    ]
    assert_limits_kept(np.concatenate(applied), start, servo_rate_hz)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    servo_rate_hz=st.sampled_from(SERVO_RATES),
    share=st.sampled_from([0.2, 0.6, 0.999]),
)
def test_targets_within_limits_pass_unchanged(seed: int, servo_rate_hz: int, share: float):
    limiter = MotionLimiter(EMBODIMENT, servo_rate_hz)
    limiter.reset(START)
    targets = feasible_targets(servo_rate_hz, seed, share)
    targets = targets[: len(targets) // 10 * 10]
    blocks = targets.reshape(-1, 10, targets.shape[1])
    feasible, _ = limiter.foresee(blocks)
    assert feasible.all()
    for index, block in enumerate(blocks):
        ahead = targets[index * 10 :]
        rows, bound = limiter.follow(block, ahead.min(axis=0), ahead.max(axis=0), feasible[index])
        assert not bound
        np.testing.assert_array_equal(rows, block)


START = EMBODIMENT.home.copy()
START[list(EMBODIMENT.gripper_indices.values())] = 0.5


def feasible_targets(servo_rate_hz: int, seed: int, share: float) -> np.ndarray:
    """A random motion from START and back in which each joint uses `share` of some limit, (n, action_dim).

    It stays clear of the position limits: there the guard may brake two servo ticks early.
    """
    rng = np.random.default_rng(seed)
    embodiment = EMBODIMENT
    times = np.arange(0, 3.0, 1.0 / servo_rate_hz)[:, None]
    motion = np.zeros((len(times), embodiment.action_dim))
    for _ in range(3):
        motion += rng.normal(size=embodiment.action_dim) * np.sin(rng.uniform(1.0, 30.0) * times)
    # Fading in and out from rest to rest, with three derivatives that begin and end at zero.
    # Fading in and out, with three derivatives that begin and end at zero.
    motion *= np.sin(np.pi * times / times[-1]) ** 4
    room = 0.7 * np.minimum(embodiment.position_upper - START, START - embodiment.position_lower)
    used = np.abs(motion).max(axis=0) / room
    limits = (embodiment.velocity_limit, embodiment.acceleration_limit, embodiment.jerk_limit)
    for order, limit in enumerate(limits, start=1):
        derivative = np.diff(motion, order, axis=0) * servo_rate_hz**order
        used = np.maximum(used, np.abs(derivative).max(axis=0) / limit)
    motion *= share / used
    return (START + motion)[1:-1]


@settings(max_examples=60, deadline=None)
@given(
    servo_rate_hz=st.sampled_from(SERVO_RATES),
    jump=st.floats(-0.9, 0.9),
)
def test_a_jump_is_reached_without_overshoot(servo_rate_hz: int, jump: float):
    limiter, servo_ticks = MotionLimiter(EMBODIMENT, servo_rate_hz), servo_rate_hz // 50
    goal = EMBODIMENT.home.copy()
    goal[[0, 7]] += jump
    applied = run(limiter, np.tile(goal, (60, 1)), servo_ticks)
    beyond = (applied[:, 0] - goal[0]) * np.sign(jump)
    # Where the jump itself is within limits the path may round it, by less than a thousandth.
    assert beyond.max() <= 1e-3
    np.testing.assert_array_equal(applied[-1], goal)


@pytest.mark.parametrize("servo_rate_hz", SERVO_RATES)
def test_a_plan_that_stops_dead_is_braked_for_in_time(servo_rate_hz: int):
    limiter, servo_ticks = MotionLimiter(EMBODIMENT, servo_rate_hz), servo_rate_hz // 50
    velocity = 2.5
    ramp_up = velocity * 0.02 * np.cumsum(np.minimum(1.0, np.arange(1, 41) / 15))
    plan = np.tile(EMBODIMENT.home, (60, 1))
    plan[:, 0] += np.concatenate([ramp_up, np.full(20, ramp_up[-1])])
    applied = run(limiter, plan, servo_ticks)
    assert applied[:, 0].max() <= plan[:, 0].max() + 1e-9
    assert_limits_kept(applied, EMBODIMENT.home, servo_rate_hz)
    np.testing.assert_array_equal(applied[-1], plan[-1])


@pytest.mark.parametrize("servo_rate_hz", SERVO_RATES)
def test_braking_from_full_speed_takes_the_distance_that_the_limits_say(servo_rate_hz: int):
    limiter, servo_ticks = MotionLimiter(EMBODIMENT, servo_rate_hz), servo_rate_hz // 50
    plan = np.tile(EMBODIMENT.home, (30, 1))
    plan[:, 0] = EMBODIMENT.home[0] + np.arange(1, 31) * 0.06
    run(limiter, plan, servo_ticks)
    start, speed = limiter.position[0], limiter.step[0] * servo_rate_hz
    assert speed == pytest.approx(3.0, rel=1e-3)
    applied = np.concatenate([limiter.brake(servo_ticks) for _ in range(15)])
    distance = applied[-1, 0] - start
    acceleration, jerk = 15.0, 600.0
    exact = speed**2 / (2 * acceleration) + speed * acceleration / (2 * jerk)
    # A stop in whole servo ticks takes up to two of them more.
    assert exact - speed / servo_rate_hz <= distance <= exact + speed / servo_rate_hz
    assert limiter.at_rest


def test_a_lagging_joint_does_not_hold_back_the_others():
    limiter = MotionLimiter(EMBODIMENT, 100)
    plan = np.tile(EMBODIMENT.home, (20, 1))
    plan[:, 0] += 1.0
    plan[:, 3] += 0.001 * np.arange(1, 21)
    applied = run(limiter, plan, servo_ticks=2)
    np.testing.assert_array_equal(applied[1::2, 3], plan[:, 3])


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    servo_rate_hz=st.sampled_from(SERVO_RATES),
    scale=st.sampled_from([0.003, 0.05, 0.5, 5.0]),
)
def test_each_joint_moves_as_if_it_were_alone(seed: int, servo_rate_hz: int, scale: float):
    plan, servo_ticks = garbage(seed, 12, scale), servo_rate_hz // 50
    together = run(MotionLimiter(EMBODIMENT, servo_rate_hz), plan, servo_ticks, tail=2)
    for joint in (0, 5, EMBODIMENT.action_dim - 1):
        alone = np.tile(EMBODIMENT.home, (len(plan), 1))
        alone[:, joint] = plan[:, joint]
        applied = run(MotionLimiter(EMBODIMENT, servo_rate_hz), alone, servo_ticks, tail=2)
        np.testing.assert_array_equal(applied[:, joint], together[:, joint])


def test_a_snapshot_is_not_changed_by_what_follows_it():
    limiter = MotionLimiter(EMBODIMENT, 100)
    plan = np.tile(EMBODIMENT.home + 0.3, (10, 1))
    run(limiter, plan, servo_ticks=2)
    before = limiter.snapshot()
    first = run(limiter, plan, servo_ticks=2, tail=3)
    limiter.restore(before)
    np.testing.assert_array_equal(run(limiter, plan, servo_ticks=2, tail=3), first)


def test_a_joint_outside_its_limits_may_come_back_but_not_go_further():
    limiter = MotionLimiter(EMBODIMENT, 100)
    outside = EMBODIMENT.home.copy()
    outside[0] = EMBODIMENT.position_upper[0] + 0.05
    limiter.reset(outside)
    assert limiter.brake(2)[-1, 0] == outside[0]
    applied = run(limiter, np.tile(EMBODIMENT.home, (100, 1)), servo_ticks=2)
    assert applied[:, 0].max() <= outside[0]
    assert applied[-1, 0] == EMBODIMENT.home[0]


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    servo_rate_hz=st.sampled_from(SERVO_RATES),
    goals=st.lists(st.sampled_from(["lower", "upper", "anywhere"]), min_size=1, max_size=4),
)
def test_velocity_limits_that_fall_towards_position_limits_are_kept(
    seed: int, servo_rate_hz: int, goals: list[str]
):
    franka = load_embodiment("franka_duo")
    limiter, rng = MotionLimiter(franka, servo_rate_hz), np.random.default_rng(seed)
    start, applied = limiter.position, []
    lower, upper = franka.position_lower, franka.position_upper
    for goal in goals:
        anywhere = rng.uniform(lower, upper)
        target = {"lower": lower, "upper": upper, "anywhere": anywhere}[goal]
        applied.append(run(limiter, np.tile(target, (int(rng.integers(5, 100)), 1)), servo_rate_hz // 50))
    applied = np.concatenate(applied)
    velocity = np.diff(np.vstack([start, applied]), axis=0) * servo_rate_hz
    for index, (_, joint) in enumerate(
        (arm, joint) for arm in franka.arm for joint in (*arm.joint, arm.gripper)
    ):
        near = getattr(joint, "near_limits", None)
        if near is None:
            continue
        for sign, room in ((1, upper - applied), (-1, applied - lower)):
            allowed = np.sqrt(2 * near.deceleration * np.maximum(room[:, index], 0)) - near.offset
            allowed = np.clip(allowed, 0, joint.velocity)
            assert (sign * velocity[:, index] <= allowed * 1.0001 + 1e-6).all()
    acceleration = np.diff(np.vstack([np.zeros_like(start), velocity]), axis=0) * servo_rate_hz
    assert (np.abs(acceleration) <= franka.acceleration_limit * 1.001).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), servo_rate_hz=st.sampled_from(SERVO_RATES))
def test_a_stop_from_any_motion_keeps_the_limits_and_ends_at_rest(seed: int, servo_rate_hz: int):
    limiter, servo_ticks = MotionLimiter(EMBODIMENT, servo_rate_hz), servo_rate_hz // 50
    start = limiter.position
    moving = run(limiter, garbage(seed, 12, 1.0), servo_ticks, tail=0)
    stopping = np.concatenate([limiter.brake(servo_ticks) for _ in range(40)])
    assert limiter.at_rest
    np.testing.assert_array_equal(stopping[-1], stopping[-2])
    assert_limits_kept(np.concatenate([moving, stopping]), start, servo_rate_hz)
