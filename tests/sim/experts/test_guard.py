"""The guard stands in front of the experts, too, and lets them work."""

import pytest

from robotics.cli.simulated_session import SimulatedSession
from robotics.embodiments import load_embodiment
from robotics.evaluation.episode import EpisodePlan, run_episode
from sim.experts import make_expert
from sim.tasks import task_names


@pytest.mark.parametrize("task", task_names())
@pytest.mark.parametrize("robot", ["aloha2", "franka_duo"])
def test_no_expert_is_stopped(robot: str, task: str):
    session = SimulatedSession(load_embodiment(robot))
    try:
        policy = make_expert(session.simulated_robot)
        result = run_episode(session, policy, EpisodePlan(task, seed=1_000_001))
    finally:
        session.close()
    assert result.error == ""
    assert result.success
    assert "collision" not in result.guard_counts
