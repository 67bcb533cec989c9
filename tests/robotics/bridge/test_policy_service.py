"""A policy behind gRPC decides as it does in process."""

import contextlib
import random
from collections.abc import Iterator

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.policy_contract import PolicyContract, make_observation

from robotics.action import ActionChunk
from robotics.bridge.address import AddressError
from robotics.bridge.faults.fuzzer import POLICY_FILES, fuzz_methods
from robotics.bridge.policy_service import PolicyServer, RemotePolicy
from robotics.bridge.statuses import BusyError
from robotics.embodiment import Embodiment
from robotics.errors import ConnectionFailedError, IncompatibleError, RoboticsError
from robotics.observation import Observation


class CountingPolicy:
    """Holds still, and shows in the first dimension how often it was asked since its reset."""

    name = "counting"
    cameras = ("overhead",)
    replan_steps = 5

    def __init__(self):
        self.asked = 0

    def reset(self) -> None:
        self.asked = 0

    def act(self, observation: Observation) -> ActionChunk:
        if "overhead" not in observation.images:
            raise IncompatibleError("the observation lacks camera 'overhead'")
        if observation.instruction == "crash":
            raise ZeroDivisionError("by zero")
        self.asked += 1
        positions = np.tile(observation.joints.position, (10, 1))
        positions[:, 0] = self.asked * 0.01
        return ActionChunk.answering(observation, fake_embodiment(), positions, positions + 1.0)


@pytest.fixture
def server() -> Iterator[PolicyServer]:
    serving = PolicyServer(CountingPolicy, "127.0.0.1:0", max_sessions=2)
    yield serving
    serving.close()


@pytest.fixture
def remote(server: PolicyServer) -> Iterator[RemotePolicy]:
    policy = RemotePolicy(server.address)
    yield policy
    policy.close()


class TestRemotePolicy(PolicyContract):
    @pytest.fixture
    def embodiment(self) -> Embodiment:
        return fake_embodiment()

    @pytest.fixture
    def policy(self, remote: RemotePolicy) -> RemotePolicy:
        return remote


@pytest.fixture
def observation() -> Observation:
    return make_observation(fake_embodiment(), ("overhead",))


def test_it_describes_the_policy(remote: RemotePolicy):
    assert (remote.name, remote.cameras, remote.replan_steps) == ("counting", ("overhead",), 5)


def test_chunks_are_those_of_the_policy_in_process(remote: RemotePolicy, observation: Observation):
    local = CountingPolicy()
    for _ in range(3):
        mine, theirs = local.act(observation), remote.act(observation)
        np.testing.assert_array_equal(mine.positions, theirs.positions)
        assert mine.intended is not None and theirs.intended is not None
        np.testing.assert_array_equal(mine.intended, theirs.intended)


def test_every_session_has_a_memory_of_its_own(server: PolicyServer, remote, observation):
    other = RemotePolicy(server.address)
    remote.act(observation)
    remote.act(observation)
    assert other.act(observation).positions[0, 0] == 0.01
    assert remote.act(observation).positions[0, 0] == 0.03
    other.close()


def act_once_it_is_free(session: RemotePolicy, observation: Observation) -> ActionChunk:
    """The end of the session before may still be on its way."""
    while True:
        with contextlib.suppress(BusyError):
            return session.act(observation)


def test_a_new_session_starts_without_the_memory_of_an_old_one(observation: Observation):
    server = PolicyServer(CountingPolicy, "127.0.0.1:0")
    for _ in range(3):
        session = RemotePolicy(server.address)
        assert act_once_it_is_free(session, observation).positions[0, 0] == 0.01
        session.close()
    server.close()


def test_more_sessions_than_it_serves_are_refused(server: PolicyServer, remote, observation):
    second, third = RemotePolicy(server.address), RemotePolicy(server.address)
    remote.act(observation)
    second.act(observation)
    with pytest.raises(BusyError, match="serves 2 clients at a time"):
        third.act(observation)
    second.close()
    third.close()


def test_a_fault_of_the_policy_is_named_and_the_session_goes_on(remote: RemotePolicy):
    crash = make_observation(fake_embodiment(), ("overhead",))
    crash = Observation(crash.clock_id, crash.joints, crash.plan, crash.images, "crash")
    with pytest.raises(RoboticsError, match="ZeroDivisionError: by zero"):
        remote.act(crash)
    assert remote.act(make_observation(fake_embodiment(), ("overhead",))).positions[0, 0] == 0.01


def test_a_policy_server_that_is_gone_is_said_in_one_line(server: PolicyServer, remote, observation):
    remote.act(observation)
    server.close()
    with pytest.raises(ConnectionFailedError, match=server.address):
        remote.act(observation)
    with pytest.raises(ConnectionFailedError, match="no policy answers"):
        RemotePolicy(server.address)


def test_a_port_in_use_is_refused_before_a_policy_is_loaded(server: PolicyServer):
    def load() -> CountingPolicy:
        raise AssertionError("loading takes long")

    with pytest.raises(AddressError, match="in use"):
        PolicyServer(load, server.address)


def test_what_is_no_robot_is_said_so(server: PolicyServer):
    from robotics.bridge.client import GrpcSession

    with pytest.raises(ConnectionFailedError, match="is no robot"):
        GrpcSession(server.address)


def test_messages_that_make_no_sense_end_nothing(server: PolicyServer, observation: Observation):
    tally = fuzz_methods(server.address, POLICY_FILES, 1500, random.Random(3))
    assert tally.total() == 1500 and "UNAVAILABLE" not in tally
    policy = RemotePolicy(server.address)
    try:
        assert policy.act(observation).horizon == 10
    finally:
        policy.close()
