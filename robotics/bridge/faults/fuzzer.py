"""Random and mutated messages for every method of a robot's server; the same seed makes the same ones."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import numpy as np
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from robotics.bridge.codec import encode_trajectory
from robotics.bridge.faults.stub_client import StubClient, status_name
from robotics.bridge.v1 import (
    estop_service_pb2,
    lease_service_pb2,
    policy_service_pb2,
    reasoner_service_pb2,
    robot_service_pb2,
    simulation_service_pb2,
    time_sync_service_pb2,
    types_pb2,
)

ROBOT_FILES = (
    robot_service_pb2,
    lease_service_pb2,
    estop_service_pb2,
    time_sync_service_pb2,
    simulation_service_pb2,
    health_pb2,
    reflection_pb2,
)
"""Where the services of a robot's server are described."""
POLICY_FILES = (policy_service_pb2, health_pb2, reflection_pb2)
"""Where those of a policy's server are."""
REASONER_FILES = (reasoner_service_pb2, health_pb2, reflection_pb2)
"""Where those of a reasoner's server are."""
_BATCH = 16
"""Chunks for one tick: below the server's limit of messages a second."""
_CALLS_A_CONNECTION = 200
"""gRPC serves nothing more over a connection on which about a thousand streams were broken off."""
_OWN_CONNECTION = (("grpc.use_local_subchannel_pool", 1),)
_TIMEOUT_S = 10.0
_DOUBLES = (0.0, -0.0, 0.2, 1e-320, -1.0, 1e308, -1e308, float("nan"), float("inf"), float("-inf"))
_INTEGERS = (0, 1, -1, 2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1, -(2**63), 2**64 - 1)
_TEXTS = ("", "x", "\x00", "'; drop table", "../../etc/passwd", "\U0001f916" * 50, "n" * 5000)
_HUGE = "h" * 300_000


def fuzz(address: str, count: int, seed: int) -> Counter[str]:
    """Send `count` messages, half of them chunks under a valid lease, each wrong in at least one way.

    Returns:
        How often each answer came: 'chunk STATUS', or gRPC's code.
    """
    rng, tally = random.Random(seed), Counter[str]()
    _fuzz_chunks(address, count // 2, rng, tally)
    return tally + fuzz_methods(address, ROBOT_FILES, count - count // 2, rng)


def fuzz_methods(address: str, files: Sequence[Any], count: int, rng: random.Random) -> Counter[str]:
    """Send `count` random and mutated messages to the methods of these files; how often each code came."""
    tally = Counter[str]()
    methods = [method for file in files for method in _methods_of(file)]
    for start in range(0, count, _CALLS_A_CONNECTION):
        with grpc.insecure_channel(address, options=_OWN_CONNECTION) as channel:
            for _ in range(min(_CALLS_A_CONNECTION, count - start)):
                method = rng.choice(methods)
                tally[_call(channel, method, _make_request(method, rng))] += 1
    return tally


def resident_kib(process_id: int) -> int:
    """Memory that a process has in use [KiB]; 0 where it has ended."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)


def _methods_of(file: Any) -> list[MethodDescriptor]:
    services = file.DESCRIPTOR.services_by_name.values()
    return [method for service in services for method in service.methods]


# Chunks


def _fuzz_chunks(address: str, count: int, rng: random.Random, tally: Counter[str]) -> None:
    with StubClient(address) as client:
        lease = client.take("fuzzer")
        description = client.call(client.robot.Describe, robot_service_pb2.DescribeRequest())
        for start in range(0, count, _BATCH):
            observed = client.call(client.robot.GetObservation, robot_service_pb2.GetObservationRequest())
            batch = [
                robot_service_pb2.CommandRequest(
                    lease=lease, chunk=_spoilt_chunk(description, observed.observation, rng)
                )
                for _ in range(min(_BATCH, count - start))
            ]
            for answer in client.robot.StreamCommands(iter(batch), timeout=_TIMEOUT_S):
                tally[f"chunk {status_name(answer.status)}"] += 1


def _spoilt_chunk(described: Any, observed: Any, rng: random.Random) -> types_pb2.ActionChunk:
    """A chunk that would move the robot, were it not spoilt in one to three fields."""
    target = list(observed.joints.target)
    steps = rng.choice((1, 2, 50))
    chunk = types_pb2.ActionChunk(
        positions=types_pb2.JointTrajectory(
            steps=steps, dimension=len(target), positions=[value + 0.015 for value in target] * steps
        ),
        start_time_ns=observed.joints.time_ns,
        period_ns=20_000_000,
        clock_id=described.clock_id,
        fingerprint=described.embodiment.interface_fingerprint,
        chunk_id=rng.choice(_INTEGERS[:8]),
    )
    for spoil in rng.sample(_SPOILERS, rng.randint(1, 3)):
        spoil(chunk, rng)
    return chunk


def _spoil_value(chunk: types_pb2.ActionChunk, rng: random.Random) -> None:
    values = chunk.positions.positions
    bad = (1e308, -1e308, float("nan"), float("inf"), float("-inf"), 7.0)
    if len(values):
        values[rng.randrange(len(values))] = rng.choice(bad)
    else:
        chunk.clock_id = ""


def _spoil_shape(chunk: types_pb2.ActionChunk, rng: random.Random) -> None:
    match rng.randrange(4):
        case 0:
            chunk.positions.steps = rng.choice((0, 7, 2**31, 2**32 - 1))
        case 1:
            chunk.positions.dimension = rng.choice((0, 1, 13, 2**32 - 1))
        case 2:
            chunk.positions.Clear()
            chunk.positions.dimension = 2**32 - 1
        case 3:
            del chunk.positions.positions[-1:]
    if chunk.positions.steps * chunk.positions.dimension == len(chunk.positions.positions) > 0:
        chunk.clock_id = ""  # it came out right by chance


def _spoil_time(chunk: types_pb2.ActionChunk, rng: random.Random) -> None:
    chunk.start_time_ns = rng.choice((0, -1, 2**63 - 1, -(2**63), 2**62))


def _spoil_period(chunk: types_pb2.ActionChunk, rng: random.Random) -> None:
    chunk.period_ns = rng.choice((0, -1, 1, 2**63 - 1, -(2**63), 20_000_001))


def _spoil_clock(chunk: types_pb2.ActionChunk, rng: random.Random) -> None:
    chunk.clock_id = rng.choice((*_TEXTS, _HUGE))


def _spoil_fingerprint(chunk: types_pb2.ActionChunk, rng: random.Random) -> None:
    chunk.fingerprint = rng.choice((*_TEXTS, _HUGE))


def _spoil_tolerance(chunk: types_pb2.ActionChunk, rng: random.Random) -> None:
    chunk.late_tolerance_ns = rng.choice((-1, 2**63 - 1, -(2**63), 500_000_001))


def _spoil_intended(chunk: types_pb2.ActionChunk, rng: random.Random) -> None:
    chunk.intended.CopyFrom(encode_trajectory(np.full((3, 2), rng.choice(_DOUBLES))))


_SPOILERS = (
    _spoil_value,
    _spoil_shape,
    _spoil_time,
    _spoil_period,
    _spoil_clock,
    _spoil_fingerprint,
    _spoil_tolerance,
    _spoil_intended,
)


# Anything


def _make_request(method: MethodDescriptor, rng: random.Random) -> bytes:
    """Random bytes, a message of the right type with extreme fields, or one of those with bytes changed."""
    kind = rng.randrange(3)
    if kind == 0:
        return rng.randbytes(rng.choice((0, 1, 10, 100, 5000)))
    message = message_factory.GetMessageClass(method.input_type)()
    _fill(message, rng, depth=0)
    data = message.SerializeToString()
    if kind == 1 or not data:
        return data
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed[: rng.randint(1, len(changed))]) if rng.random() < 0.3 else bytes(changed)


def _fill(message: Message, rng: random.Random, depth: int) -> None:
    for field in message.DESCRIPTOR.fields:
        if rng.random() < 0.2:
            continue
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            getattr(message, field.name)[rng.choice(_TEXTS)] = rng.choice(_TEXTS)
        elif field.message_type is not None:
            if depth < 4:
                inner = getattr(message, field.name)
                _fill(inner.add() if field.is_repeated else inner, rng, depth + 1)
        elif field.is_repeated:
            getattr(message, field.name).extend(_value(field, rng) for _ in range(rng.randint(0, 3)))
        else:
            setattr(message, field.name, _value(field, rng))


def _value(field: Any, rng: random.Random) -> Any:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return rng.choice(_DOUBLES)
        case FieldDescriptor.CPPTYPE_BOOL:
            return rng.random() < 0.5
        case FieldDescriptor.CPPTYPE_STRING:
            text = rng.choice((*_TEXTS, _HUGE) if rng.random() < 0.05 else _TEXTS)
            return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
        case FieldDescriptor.CPPTYPE_INT64:
            return rng.choice([n for n in _INTEGERS if -(2**63) <= n < 2**63])
        case FieldDescriptor.CPPTYPE_UINT64:
            return rng.choice([n for n in _INTEGERS if n >= 0])
        case FieldDescriptor.CPPTYPE_UINT32:
            return rng.choice([n for n in _INTEGERS if 0 <= n < 2**32])
        case _:  # int32 and enum
            return rng.choice([n for n in _INTEGERS if -(2**31) <= n < 2**31])


def _call(channel: grpc.Channel, method: MethodDescriptor, request: bytes) -> str:
    """gRPC's code for one raw request, to whatever kind of method."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    try:
        if method.server_streaming:
            if method.client_streaming:
                call = channel.stream_stream(path)(iter((request,)), timeout=_TIMEOUT_S)
            else:
                call = channel.unary_stream(path)(request, timeout=_TIMEOUT_S)
            _take_one(call)
        else:
            channel.unary_unary(path)(request, timeout=_TIMEOUT_S)
    except grpc.RpcError as error:
        assert isinstance(error, grpc.Call)
        return error.code().name
    return "OK"


def _take_one(call: Any) -> None:
    answers: Iterator[bytes] = iter(call)
    next(answers, None)
    call.cancel()
