"""The fuzzer makes what it says: the same for a seed, and chunks that no robot executes."""

import random

from contracts.fake_embodiment import fake_embodiment
from contracts.fake_robot import FakeRobot

from robotics.bridge.codec import decode_chunk
from robotics.bridge.control import ControlLoop
from robotics.bridge.faults import fuzzer
from robotics.bridge.v1 import robot_service_pb2, types_pb2
from robotics.clock import SteppedClock
from robotics.errors import RoboticsError


def running_loop() -> ControlLoop:
    clock = SteppedClock()
    clock.advance(10**15)  # a machine that has run for some days
    return ControlLoop(FakeRobot(), clock)


def test_every_spoilt_chunk_is_refused_with_a_typed_error():
    loop = running_loop()
    described = robot_service_pb2.DescribeResponse(clock_id=loop.clock.clock_id)
    described.embodiment.interface_fingerprint = fake_embodiment().interface_fingerprint
    observed = types_pb2.Observation()
    observed.joints.target.extend(loop.last_target)
    observed.joints.time_ns = loop.next_time_ns
    rng = random.Random(0)
    for _ in range(2000):
        chunk = fuzzer._spoilt_chunk(described, observed, rng)
        try:
            loop.submit(decode_chunk(chunk))
        except RoboticsError:
            continue
        raise AssertionError(f"accepted: {chunk}")


def test_an_unspoilt_chunk_would_be_executed(monkeypatch):
    monkeypatch.setattr(fuzzer, "_SPOILERS", (lambda chunk, rng: None,) * 3)
    loop = running_loop()
    described = robot_service_pb2.DescribeResponse(clock_id=loop.clock.clock_id)
    described.embodiment.interface_fingerprint = fake_embodiment().interface_fingerprint
    observed = types_pb2.Observation()
    observed.joints.target.extend(loop.last_target - 0.02)
    observed.joints.time_ns = loop.next_time_ns
    loop.submit(decode_chunk(fuzzer._spoilt_chunk(described, observed, random.Random(0))))


def test_the_same_seed_makes_the_same_requests():
    methods = [method for file in fuzzer.ROBOT_FILES for method in fuzzer._methods_of(file)]
    assert len(methods) == 27

    def requests(seed: int) -> list[bytes]:
        rng = random.Random(seed)
        return [fuzzer._make_request(rng.choice(methods), rng) for _ in range(50)]

    assert requests(1) == requests(1) != requests(2)
