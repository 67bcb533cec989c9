"""One lockstep episode, its film, and many of them over workers."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.fake_robot import FakeCameraRig, FakeRobot

from robotics.action import ActionChunk
from robotics.bridge.local_session import LocalSession
from robotics.errors import UnknownNameError
from robotics.evaluation.episode import EpisodePlan, run_episode
from robotics.evaluation.film import film_episode
from robotics.evaluation.runner import EvaluationConfig, run_episodes
from robotics.evaluation.summary import as_json, summarise
from robotics.observation import Observation


class TurnPolicy:
    """Turns the first joint of the arm that the instruction names; remembers what it was told."""

    name = "turn"
    cameras: tuple[str, ...] = ()
    replan_steps = 10

    def __init__(self, horizon: int = 25):
        self.horizon = horizon
        self.heard: list[str] = []
        self.ticks: list[int] = []

    def reset(self) -> None:
        self.heard.clear()
        self.ticks.clear()

    def act(self, observation: Observation) -> ActionChunk:
        embodiment = fake_embodiment()
        self.heard.append(observation.instruction)
        self.ticks.append(observation.joints.tick)
        arm = "left" if "left" in observation.instruction else "right"
        joint = embodiment.arm_slices[arm].start
        positions = np.tile(embodiment.home, (self.horizon, 1))
        # the other arm comes home again
        positions[:, joint] = embodiment.home[joint] + 0.6
        return ActionChunk.answering(observation, embodiment, positions)


@dataclass
class FakeWorkplace:
    session: LocalSession

    def policy(self, seed: int) -> TurnPolicy:
        return TurnPolicy()

    def close(self) -> None:
        self.session.close()


def open_workplace() -> FakeWorkplace:
    return FakeWorkplace(make_session())


def make_session() -> LocalSession:
    return LocalSession(FakeRobot(), FakeCameraRig())


def test_an_episode_ends_at_success_and_is_faster_than_its_limit():
    policy = TurnPolicy()
    result = run_episode(make_session(), policy, EpisodePlan("turn_left_arm", seed=3))
    assert result.success
    assert result.progress == result.best_progress == 1.0
    assert 0 < result.duration_s < 4.0
    assert result.instruction == result.heard == policy.heard[0]
    assert len(result.act_ms) == len(policy.heard)
    assert result.starvations == 0


def test_the_policy_is_asked_again_every_replan_steps():
    policy = TurnPolicy()
    run_episode(make_session(), policy, EpisodePlan("turn_left_arm", seed=3))
    assert set(np.diff(policy.ticks)) == {policy.replan_steps}


def test_a_time_limit_ends_a_failure():
    result = run_episode(make_session(), TurnPolicy(), EpisodePlan("turn_left_arm", seed=3, time_limit_s=0.1))
    assert not result.success
    assert result.duration_s == pytest.approx(0.1)
    assert 0 < result.progress < 1


def test_a_delayed_chunk_starts_the_motion_later():
    seen = {}
    for delay in (0, 5):
        ticks = []
        plan = EpisodePlan("turn_left_arm", seed=3, policy_delay_steps=delay)
        run_episode(make_session(), TurnPolicy(), plan, on_states=ticks.extend)
        home = fake_embodiment().home
        seen[delay] = next(i for i, s in enumerate(ticks) if np.abs(s.applied - home).max() > 1e-6)
    assert seen[5] == seen[0] + 5


def test_a_delay_shorter_than_the_plan_starves_nobody():
    plan = EpisodePlan("turn_left_arm", seed=3, policy_delay_steps=5)
    assert run_episode(make_session(), TurnPolicy(horizon=16), plan).starvations == 0


def test_a_shuffled_instruction_is_heard_but_not_judged():
    policy = TurnPolicy()
    plan = EpisodePlan("turn_left_arm", seed=2, shuffle_seed=3)
    result = run_episode(make_session(), policy, plan)
    assert result.instruction == "turn the left arm"
    assert result.heard == "rotate the left arm"
    assert set(policy.heard) == {"rotate the left arm"}


def test_a_refused_chunk_fails_the_episode_with_its_reason():
    class Wild(TurnPolicy):
        def act(self, observation: Observation) -> ActionChunk:
            chunk = super().act(observation)
            return replace(chunk, positions=chunk.positions + 100)

    result = run_episode(make_session(), Wild(), EpisodePlan("turn_left_arm", seed=1))
    assert not result.success
    assert result.error


def test_an_unknown_task_names_the_known_ones():
    with pytest.raises(UnknownNameError, match="turn_left_arm"):
        run_episode(make_session(), TurnPolicy(), EpisodePlan("turn_left_arms", seed=0))


def test_results_do_not_depend_on_the_number_of_workers():
    config = EvaluationConfig(("turn_left_arm", "turn_right_arm"), episodes=3, shuffle_instructions=True)
    outcomes = []
    for workers in (0, 2):
        results = run_episodes(open_workplace, config.plans(), workers)
        outcomes.append([(r.task, r.seed, r.success, r.duration_s, r.heard) for r in results])
    assert outcomes[0] == outcomes[1]
    assert [seed for _, seed, *_ in outcomes[0]] == [1_000_000, 1_000_001, 1_000_002] * 2


def test_shuffling_never_gives_an_episode_its_own_instruction():
    plans = EvaluationConfig(("turn_left_arm",), episodes=7, shuffle_instructions=True).plans()
    assert all(plan.shuffle_seed != plan.seed for plan in plans)


def test_a_summary_counts_what_happened():
    results = run_episodes(open_workplace, EvaluationConfig(("turn_left_arm",), episodes=4).plans(), 0)
    summary = summarise("turn_left_arm", [*results[:3], replace(results[3], success=False, progress=0.5)])
    assert (summary.successes, summary.episodes, summary.success_rate) == (3, 4, 0.75)
    assert summary.mean_progress == pytest.approx(0.875)
    assert summary.act.count == sum(len(r.act_ms) for r in results)
    data = as_json(results, {"policy": "turn"}, {"time": "now"})
    assert data["mean_of_tasks"] == 1.0
    assert len(data["episodes"]) == 4


def test_a_filmed_episode_moves_like_an_unfilmed_one(tmp_path: Path):
    import av

    plan = EpisodePlan("turn_right_arm", seed=5)
    bare = run_episode(make_session(), TurnPolicy(), plan)
    filmed = film_episode(make_session(), TurnPolicy(), plan, tmp_path / "film.mp4")
    assert (filmed.duration_s, filmed.success) == (bare.duration_s, bare.success)
    with av.open(str(tmp_path / "film.mp4")) as film:
        stream = film.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.frames == pytest.approx(bare.duration_s * 50 / 4, abs=1)
