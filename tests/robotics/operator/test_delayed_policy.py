"""A delayed policy answers the same, later."""

import time

import numpy as np
import pytest

from robotics.operator.delayed_policy import DelayedPolicy


class Echo:
    name, cameras, replan_steps = "echo", ("overhead",), 7

    def __init__(self):
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1

    def act(self, observation):
        return observation


def test_it_answers_the_same_but_not_before_its_delay():
    inner = Echo()
    policy = DelayedPolicy(inner, 0.02, 0.01)
    policy.reset()
    durations = []
    for question in range(8):
        started = time.monotonic()
        assert policy.act(question) == question
        durations.append(time.monotonic() - started)
    assert inner.resets == 1 and (policy.cameras, policy.replan_steps) == (("overhead",), 7)
    assert min(durations) >= 0.02
    assert np.ptp(durations) > 0.0005
    assert "20 + 10 ms late" in policy.name


@pytest.mark.parametrize(("delay_s", "jitter_s"), [(-0.1, 0.0), (0.0, -0.1)])
def test_nothing_arrives_before_it_was_decided(delay_s: float, jitter_s: float):
    with pytest.raises(ValueError, match="0 or more"):
        DelayedPolicy(Echo(), delay_s, jitter_s)
