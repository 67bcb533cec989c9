"""What a robot session is: one test class that every lockstep implementation passes.

A subclass in a test file gives the fixture `session`: a fresh lockstep session on a FakeRobot with a
FakeCameraRig.
"""

import dataclasses
import itertools

import numpy as np
import pytest
from contracts.fake_robot import TASKS, joint_as_pixel
from contracts.session_motion import assert_within_limits, events_of, ramp, send_ramp

from robotics.action import ActionChunk
from robotics.errors import (
    ChunkRefusedError,
    ConnectionFailedError,
    RoboticsError,
    StoppedError,
    UnknownNameError,
)
from robotics.motion_settings import ChunkStrategy, MotionSettings
from robotics.session import Event, EventKind, RobotMode, RobotSession

TASK = TASKS[0].name
MODES_AT_REST = (RobotMode.HOLDING, RobotMode.STOPPING)


class RobotSessionContract:
    """Run it by subclassing with a `session` fixture."""

    @pytest.fixture
    def session(self) -> RobotSession:
        raise NotImplementedError("a subclass gives this fixture")

    def test_it_describes_a_simulated_robot_in_lockstep(self, session: RobotSession):
        description = session.describe()
        assert description.embodiment.name == "fake"
        assert description.embodiment.action_dim == 14
        assert description.lockstep and description.simulated
        assert {task.name for task in description.tasks} == {task.name for task in TASKS}
        assert description.tasks[0].instructions == TASKS[0].instructions
        assert description.clock_id == session.observe().clock_id

    def test_a_reset_puts_the_arms_home_and_sets_the_instruction(self, session: RobotSession):
        setup = session.reset(TASK, seed=3)
        home = session.describe().embodiment.home
        assert (setup.task, setup.seed) == (TASK, 3)
        assert setup.instruction in TASKS[0].instructions
        observation = session.observe()
        assert observation.instruction == setup.instruction == session.state().instruction
        np.testing.assert_array_equal(observation.joints.target, home)
        np.testing.assert_allclose(observation.joints.position, home, atol=0.01)
        assert session.state().mode is RobotMode.HOLDING

    def test_a_reset_is_told_in_the_state_stream(self, session: RobotSession):
        setup = session.reset(TASK, seed=3)
        states = session.advance(3)
        (episode,) = events_of(states, EventKind.EPISODE)
        (instruction,) = events_of(states, EventKind.INSTRUCTION)
        assert episode.text == TASK and episode.data["seed"] == "3"
        assert instruction.text == setup.instruction
        assert states[0].events[0] == episode
        assert episode.time_ns == states[0].joints.time_ns

    def test_the_instruction_of_a_reset_can_be_chosen(self, session: RobotSession):
        assert session.reset(TASK, 0, TASKS[0].instructions[1]).instruction == TASKS[0].instructions[1]
        with pytest.raises(UnknownNameError):
            session.reset(TASK, 0, "sing")
        with pytest.raises(UnknownNameError, match=TASK):
            session.reset("turn_left_arn", 0)

    def test_advance_returns_consecutive_ticks(self, session: RobotSession):
        session.reset(TASK, seed=0)
        states = [*session.advance(3), *session.advance(2)]
        period_ns = session.describe().embodiment.control_period_ns
        assert np.all(np.diff([state.joints.tick for state in states]) == 1)
        assert np.all(np.diff([state.joints.time_ns for state in states]) == period_ns)
        assert session.state().joints.tick == states[-1].joints.tick
        assert session.observe().joints.time_ns == states[-1].joints.time_ns + period_ns

    def test_a_chunk_within_limits_is_executed_exactly(self, session: RobotSession):
        session.reset(TASK, seed=0)
        positions = send_ramp(session, steps=40)
        states = session.advance(40)
        np.testing.assert_array_equal([state.requested for state in states], positions)
        np.testing.assert_array_equal([state.applied for state in states], positions)
        np.testing.assert_array_equal([state.intended for state in states], positions)
        assert all(state.mode is RobotMode.EXECUTING for state in states)
        assert [state.plan_steps for state in states] == list(range(39, -1, -1))
        assert not states[-1].guard_counts

    def test_a_row_pairs_the_state_with_the_target_put_in_force_at_its_tick(self, session: RobotSession):
        session.reset(TASK, seed=0)
        before = session.observe().joints
        send_ramp(session)
        states = session.advance(10)
        np.testing.assert_array_equal(states[0].joints.position, before.position)
        np.testing.assert_array_equal(states[0].joints.target, before.target)
        for earlier, later in itertools.pairwise(states):
            np.testing.assert_array_equal(later.joints.target, earlier.applied)

    def test_an_observation_carries_the_plan_that_is_left(self, session: RobotSession):
        session.reset(TASK, seed=0)
        positions = send_ramp(session, steps=20)
        assert session.observe().plan.shape == positions.shape
        session.advance(5)
        np.testing.assert_array_equal(session.observe().plan, positions[5:])
        session.advance(15)
        assert session.observe().plan.shape == (0, positions.shape[1])

    def test_steps_executed_since_the_observation_are_skipped(self, session: RobotSession):
        session.reset(TASK, seed=0)
        send_ramp(session, steps=50)
        embodiment, observation = session.describe().embodiment, session.observe()
        session.advance(2)
        positions = ramp(embodiment, observation.joints.target, 30)
        session.send(ActionChunk.answering(observation, embodiment, positions))
        np.testing.assert_array_equal(session.advance(1)[0].requested, positions[2])

    def test_a_robot_that_stood_still_meanwhile_skips_nothing(self, session: RobotSession):
        session.reset(TASK, seed=0)
        embodiment, observation = session.describe().embodiment, session.observe()
        session.advance(7)
        positions = ramp(embodiment, observation.joints.target, 30)
        session.send(ActionChunk.answering(observation, embodiment, positions))
        np.testing.assert_array_equal(session.advance(1)[0].requested, positions[0])

    def test_a_chunk_that_is_executed_already_is_stale(self, session: RobotSession):
        session.reset(TASK, seed=0)
        send_ramp(session, steps=50)
        embodiment, observation = session.describe().embodiment, session.observe()
        session.advance(5)
        chunk = ActionChunk.answering(observation, embodiment, ramp(embodiment, embodiment.home, 5))
        with pytest.raises(ChunkRefusedError) as refused:
            session.send(chunk)
        assert refused.value.status == "stale"
        session.send(dataclasses.replace(chunk, late_tolerance_ns=embodiment.control_period_ns))
        np.testing.assert_array_equal(session.advance(1)[0].requested, chunk.positions[-1])

    def test_a_source_of_single_steps_may_be_late_by_what_it_says(self, session: RobotSession):
        session.reset(TASK, seed=0)
        embodiment, observation = session.describe().embodiment, session.observe()
        step = ActionChunk.answering(observation, embodiment, ramp(embodiment, embodiment.home, 1))
        session.send(dataclasses.replace(step, late_tolerance_ns=3 * embodiment.control_period_ns))
        states = session.advance(5)
        assert [state.mode for state in states[:4]] == [RobotMode.EXECUTING] * 4
        assert [state.starvations for state in states] == [0, 0, 0, 0, 1]
        assert_within_limits(embodiment, states)

    def test_half_the_speed_takes_twice_the_time_along_the_same_path(self, session: RobotSession):
        session.reset(TASK, seed=0)
        session.set_motion(MotionSettings(speed=0.5))
        session.advance(50)  # the speed changes gently, and only while a plan is executed
        positions = send_ramp(session, steps=40, reach=0.3)
        states = session.advance(100)
        executed = [state for state in states if state.mode is RobotMode.EXECUTING]
        assert 80 <= len(executed) <= 80 + 25
        for state in executed:  # every target lies on the path of the plan
            off_path = np.abs(positions - state.requested).max(axis=1).min()
            assert off_path <= np.abs(np.diff(positions, axis=0)).max()
        np.testing.assert_allclose(states[-1].applied, positions[-1], atol=0.02)
        assert_within_limits(session.describe().embodiment, states)

    def test_speed_nought_pauses_in_the_plan_and_goes_on_from_there(self, session: RobotSession):
        session.reset(TASK, seed=0)
        positions = send_ramp(session, steps=60, reach=0.5)
        session.advance(10)
        session.set_motion(MotionSettings(speed=0.0))
        pausing = session.advance(60)
        np.testing.assert_array_equal(pausing[-1].applied, pausing[-20].applied)
        assert pausing[-1].mode is RobotMode.EXECUTING and pausing[-1].plan_steps > 10
        session.set_motion(MotionSettings(speed=1.0))
        going_on = session.advance(80)
        np.testing.assert_allclose(going_on[-1].applied, positions[-1], atol=0.02)
        states = [*pausing, *going_on]
        assert_within_limits(session.describe().embodiment, states)
        # nothing jumps, nothing is left out
        moves = np.abs(np.diff([state.requested for state in states[:-60]], axis=0)).max()
        assert moves <= np.abs(np.diff(positions, axis=0)).max() * 1.001

    def test_in_shadow_mode_everything_is_reported_and_nothing_moves(self, session: RobotSession):
        session.reset(TASK, seed=0)
        session.set_motion(MotionSettings(shadow=True))
        positions = send_ramp(session, steps=20, reach=0.3)
        states = session.advance(20)
        np.testing.assert_array_equal([state.requested for state in states], positions)
        assert all(state.motion.shadow and state.mode is RobotMode.EXECUTING for state in states)
        np.testing.assert_array_equal(
            [state.applied for state in states], [session.describe().embodiment.home] * 20
        )
        send_ramp(session, steps=20, reach=0.3)
        session.set_motion(MotionSettings())
        assert session.advance(1)[0].mode in MODES_AT_REST

    def test_hold_executes_a_plan_to_its_end_before_the_next(self, session: RobotSession):
        session.reset(TASK, seed=0)
        session.set_motion(MotionSettings(strategy=ChunkStrategy.HOLD))
        first = send_ramp(session, steps=10, reach=0.1)
        session.advance(4)
        second = send_ramp(session, steps=20, reach=0.2)
        states = session.advance(17)
        np.testing.assert_array_equal([state.requested for state in states[:6]], first[4:])
        # six steps were executed since the state that the second answers
        np.testing.assert_array_equal([state.requested for state in states[6:]], second[6:17])

    def test_an_ensemble_averages_what_all_chunks_say_of_a_step(self, session: RobotSession):
        session.reset(TASK, seed=0)
        session.set_motion(MotionSettings(strategy=ChunkStrategy.ENSEMBLE))
        first = send_ramp(session, steps=30, reach=0.2)
        session.advance(5)
        second = send_ramp(session, steps=20, reach=0.2)
        states = session.advance(20)
        weights = np.exp([0.0, -0.01]) / np.exp([0.0, -0.01]).sum()
        expected = weights[0] * first[5:25] + weights[1] * second
        np.testing.assert_allclose([state.requested for state in states], expected, atol=1e-12)

    def test_a_speed_beyond_the_plans_own_is_refused(self, session: RobotSession):
        with pytest.raises((ValueError, RoboticsError), match=r"0 \.\. 1"):
            session.set_motion(MotionSettings(speed=1.5))

    def test_a_new_chunk_replaces_what_is_not_yet_executed(self, session: RobotSession):
        session.reset(TASK, seed=0)
        first = send_ramp(session, steps=50, reach=0.3)
        before = session.advance(20)
        second = send_ramp(session, steps=50, reach=-0.3)
        after = session.advance(50)
        np.testing.assert_array_equal([state.requested for state in before], first[:20])
        np.testing.assert_array_equal([state.requested for state in after], second)
        assert_within_limits(session.describe().embodiment, [*before, *after])

    def test_a_jump_is_followed_within_limits_from_the_last_applied_target(self, session: RobotSession):
        session.reset(TASK, seed=0)
        embodiment, observation = session.describe().embodiment, session.observe()
        far = np.tile(embodiment.home, (60, 1))
        far[:, 0] += 0.8
        session.send(ActionChunk.answering(observation, embodiment, far))
        states = session.advance(60)
        assert_within_limits(embodiment, states)
        assert max(state.applied[0] for state in states) <= far[0, 0]
        np.testing.assert_array_equal(states[-1].applied, far[-1])
        assert states[-1].guard_counts["velocity"] > 0
        assert states[-1].guard_counts["acceleration"] > 0

    def test_intended_and_chunk_id_come_back(self, session: RobotSession):
        session.reset(TASK, seed=0)
        embodiment, observation = session.describe().embodiment, session.observe()
        positions = ramp(embodiment, observation.joints.target, 5)
        intended = positions + 0.001
        chunk = ActionChunk(
            positions,
            observation.joints.time_ns,
            embodiment.control_period_ns,
            observation.clock_id,
            embodiment.interface_fingerprint,
            intended,
            chunk_id=77,
        )
        session.send(chunk)
        states = session.advance(6)
        np.testing.assert_array_equal([state.intended for state in states[:5]], intended)
        assert [state.chunk_id for state in states] == [77] * 5 + [0]

    def test_a_plan_that_runs_out_in_motion_ends_in_a_hold_and_one_event(self, session: RobotSession):
        session.reset(TASK, seed=0)
        send_ramp(session, steps=50, reach=0.5)
        moving = session.advance(20)
        embodiment, observation = session.describe().embodiment, session.observe()
        session.send(ActionChunk.answering(observation, embodiment, observation.plan[:5]))
        states = session.advance(30)
        assert len(events_of(states, EventKind.STARVED)) == 1 and states[-1].starvations == 1
        modes = [state.mode for state in states]
        assert modes[5] is RobotMode.STOPPING and modes[-1] is RobotMode.HOLDING
        np.testing.assert_array_equal(states[-1].applied, states[-2].applied)
        assert_within_limits(embodiment, [*moving, *states])

    def test_hold_drops_the_plan_without_starving(self, session: RobotSession):
        session.reset(TASK, seed=0)
        send_ramp(session)
        moving = session.advance(20)
        session.hold()
        states = session.advance(30)
        assert states[0].mode in MODES_AT_REST and states[-1].mode is RobotMode.HOLDING
        assert states[-1].starvations == 0 and not events_of(states, EventKind.STARVED)
        assert len(session.observe().plan) == 0
        assert_within_limits(session.describe().embodiment, [*moving, *states])

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"clock_id": "another"}, "wrong_clock"),
            ({"fingerprint": "another"}, "wrong_fingerprint"),
            ({"period_ns": 1_000_000}, "wrong_period"),
            ({"positions": np.zeros((5, 3))}, "wrong_dimension"),
            ({"positions": np.zeros((0, 14))}, "wrong_dimension"),
            ({"positions": np.full((5, 14), np.nan)}, "not_finite"),
            ({"positions": np.full((5, 14), np.inf)}, "not_finite"),
            ({"positions": np.full((5, 14), 2.5)}, "out_of_limits"),
            ({"start_time_ns": 10**15}, "too_far_ahead"),
        ],
    )
    def test_a_bad_chunk_is_refused_whole_and_nothing_moves(self, session, change, status):
        session.reset(TASK, seed=0)
        session.advance(2)
        embodiment, observation = session.describe().embodiment, session.observe()
        values = {
            "positions": ramp(embodiment, observation.joints.target, 5),
            "start_time_ns": observation.joints.time_ns,
            "period_ns": embodiment.control_period_ns,
            "clock_id": observation.clock_id,
            "fingerprint": embodiment.interface_fingerprint,
        }
        with pytest.raises(ChunkRefusedError) as refused:
            session.send(ActionChunk(**(values | change)))
        assert refused.value.status == status
        states = session.advance(5)
        np.testing.assert_array_equal([state.applied for state in states], [embodiment.home] * 5)
        assert states[-1].guard_counts["refused"] == 1
        assert len(events_of(states, EventKind.GUARD)) == 1

    def test_a_reset_voids_older_commands_and_the_plan(self, session: RobotSession):
        session.reset(TASK, seed=0)
        embodiment, observation = session.describe().embodiment, session.observe()
        send_ramp(session)
        session.reset(TASK, seed=1)
        positions = ramp(embodiment, observation.joints.target, 30)
        with pytest.raises(ChunkRefusedError) as refused:
            session.send(ActionChunk.answering(observation, embodiment, positions))
        assert refused.value.status == "voided"
        assert len(session.observe().plan) == 0
        np.testing.assert_array_equal(session.advance(1)[0].applied, embodiment.home)

    def test_an_emergency_stop_in_motion_decelerates_holds_and_latches(self, session: RobotSession):
        session.reset(TASK, seed=0)
        send_ramp(session, steps=40, reach=0.6)
        moving = session.advance(20)
        session.stop("a hand in the way")
        states = session.advance(30)
        embodiment = session.describe().embodiment
        assert_within_limits(embodiment, [*moving, *states])
        assert all(state.mode is RobotMode.EMERGENCY_STOP for state in states)
        np.testing.assert_array_equal(states[-1].applied, states[-5].applied)
        assert states[-1].applied[0] > moving[-1].applied[0]
        (event,) = events_of(states, EventKind.STOP)
        assert "a hand in the way" in event.text
        with pytest.raises(StoppedError, match="a hand in the way"):
            send_ramp(session)
        with pytest.raises(StoppedError):
            session.reset(TASK, seed=0)

    def test_a_released_robot_holds_and_then_moves_again(self, session: RobotSession):
        session.reset(TASK, seed=0)
        session.advance(1)
        session.stop()
        session.advance(2)
        session.release()
        states = session.advance(2)
        assert all(state.mode is RobotMode.HOLDING for state in states)
        positions = send_ramp(session, steps=10, reach=0.05)
        np.testing.assert_array_equal(session.advance(10)[-1].applied, positions[-1])

    def test_annotations_come_back_and_an_instruction_takes_effect(self, session: RobotSession):
        session.reset(TASK, seed=0)
        session.advance(1)
        session.annotate(Event(EventKind.INSTRUCTION, "open the drawer", data={"from": "operator"}))
        session.annotate(Event(EventKind.OUTCOME, "failure"))
        (state,) = session.advance(1)
        assert state.instruction == "open the drawer" == session.observe().instruction
        assert [(event.kind, event.text) for event in state.events] == [
            (EventKind.INSTRUCTION, "open the drawer"),
            (EventKind.OUTCOME, "failure"),
        ]
        assert state.events[0].data == {"from": "operator"}
        assert state.events[0].time_ns == state.joints.time_ns

    def test_success_is_judged_and_told_once(self, session: RobotSession):
        session.reset(TASK, seed=0)
        send_ramp(session, steps=60, reach=0.7)
        states = session.advance(70)
        (outcome,) = events_of(states, EventKind.OUTCOME)
        assert outcome.text == "success"
        assert states[0].task is not None and not states[0].task.success
        assert states[-1].task is not None and states[-1].task.success
        assert states[-1].task.progress == 1.0

    def test_pictures_show_this_moment(self, session: RobotSession):
        session.reset(TASK, seed=0)
        send_ramp(session, reach=0.7)
        session.advance(40)
        observation = session.observe(["wrist_left", "overhead"])
        assert set(observation.images) == {"wrist_left", "overhead"}
        frame = observation.images["overhead"]
        assert frame.image.shape == (24, 32, 3) and frame.image.dtype == np.uint8
        assert frame.image[0, 0, 0] == joint_as_pixel(observation.joints.position[0])
        assert frame.capture_time_ns == observation.joints.time_ns
        assert not session.observe().images

    def test_an_unknown_camera_is_named(self, session: RobotSession):
        with pytest.raises(UnknownNameError, match="overhead"):
            session.observe(["overheat"])

    def test_the_same_seed_and_commands_give_the_same_trajectory(self, session: RobotSession):
        def run() -> np.ndarray:
            session.reset(TASK, seed=5)
            send_ramp(session, steps=30)
            return np.array([[*s.joints.position, *s.applied] for s in session.advance(40)])

        np.testing.assert_array_equal(run(), run())

    def test_statistics_come_about_once_a_second(self, session: RobotSession):
        session.reset(TASK, seed=0)
        states = session.advance(101)
        reports = [state.statistics for state in states if state.statistics]
        assert 2 <= len(reports) <= 3
        for statistics in reports[-1]:
            assert 0 <= statistics.p50_ms <= statistics.p95_ms <= statistics.p99_ms <= statistics.max_ms

    def test_a_closed_session_says_so_and_closes_twice(self, session: RobotSession):
        session.close()
        session.close()
        with pytest.raises(ConnectionFailedError):
            session.state()
