"""The audit log tells who connected, led, stopped, released and reset; and it holds no secret."""

from pathlib import Path

import grpc
import numpy as np
import pytest
from contracts.waiting import eventually

from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
from robotics.bridge.policy_service import PolicyServer, RemotePolicy
from robotics.bridge.security.key_folder import Credentials, load_credentials
from robotics.bridge.security.lockout import MOST_FAILURES
from robotics.bridge.security.protection import Protection
from robotics.errors import ConnectionFailedError, LeaseError


def drive(session: GrpcSession, chunks: int) -> None:
    embodiment = session.describe().embodiment
    session.reset("turn_left_arm", 7)
    for _ in range(chunks):
        observation = session.observe()
        positions = np.tile(observation.joints.target, (10, 1))
        session.send(ActionChunk.answering(observation, embodiment, positions))
        session.advance(1)


def events(entries: list[dict], *names: str) -> list[dict]:
    return [entry for entry in entries if entry["event"] in names]


@pytest.mark.parametrize("auth", ["token", "mtls"])
def test_it_tells_who_did_what_in_order(serve, keys: Path, tmp_path: Path, read_audit, auth: str):
    path = tmp_path / "audit.jsonl"
    server = serve(Protection(keys, auth, path))
    anna = GrpcSession(server.address, "arm of anna", credentials=load_credentials(keys / "anna"))
    bert = GrpcSession(server.address, "arm of bert", credentials=load_credentials(keys / "bert"))
    drive(anna, chunks=5)
    with pytest.raises(LeaseError):
        bert.release()
    assert bert.take_lease() == "arm of anna"
    anna.stop("too wild")
    bert.release()
    bert.close()
    anna.close()
    server.close()
    entries = read_audit(path)
    done = [entry for entry in entries if entry["event"] != "commands end" and "refused" not in entry]
    order = [(entry.get("client"), entry["event"]) for entry in done]
    assert order == [
        (None, "serving"),
        ("anna", "connected"),
        ("bert", "connected"),
        ("anna", "lease acquired"),
        ("anna", "reset"),
        ("anna", "commands begin"),
        ("bert", "lease taken"),
        ("anna", "stop"),
        ("bert", "release"),
        ("bert", "lease returned"),
        (None, "ended"),
    ]
    by_name = {entry["event"]: entry for entry in entries if "refused" not in entry}
    assert by_name["connected"]["how"] == auth
    (refused,) = [entry for entry in events(entries, "lease acquired") if "refused" in entry]
    assert refused["client"] == "bert" and "'arm of anna' leads" in refused["refused"]
    assert by_name["lease taken"]["taken_from"] == "arm of anna"
    assert by_name["reset"] | {"task": "turn_left_arm", "seed": 7} == by_name["reset"]
    assert by_name["stop"] | {"reason": "too wild", "said_by": "arm of anna"} == by_name["stop"]
    (summary,) = events(entries, "commands end")
    assert (summary["count"], summary["lease_of"]) == (5, "arm of anna")
    assert by_name["commands begin"]["steps"] == 10


def test_it_holds_no_secret(serve, keys: Path, tmp_path: Path):
    path = tmp_path / "audit.jsonl"
    server = serve(Protection(keys, "token", path))
    credentials = load_credentials(keys / "anna")
    wrong = Credentials(credentials.folder, credentials.authority, None, None, "almost-the-right-token")
    with GrpcSession(server.address, "arm of anna", credentials=credentials) as session:
        drive(session, chunks=1)
        epoch = session._lease.require().epoch
        with pytest.raises(ConnectionFailedError):
            GrpcSession(server.address, credentials=wrong)
    server.close()
    content = path.read_text()
    assert credentials.token not in content and wrong.token not in content
    assert epoch and epoch not in content and "sequence" not in content


def test_refusals_are_told_but_a_flood_of_them_once(serve, keys: Path, tmp_path: Path, read_audit):
    path = tmp_path / "audit.jsonl"
    server = serve(Protection(keys, "token", path))
    credentials = load_credentials(keys / "anna")
    wrong = Credentials(credentials.folder, credentials.authority, None, None, "guess")
    for _ in range(MOST_FAILURES + 5):
        with pytest.raises(ConnectionFailedError):
            GrpcSession(server.address, credentials=wrong)
    server.close()
    codes = [entry["code"] for entry in events(read_audit(path), "refused")]
    # each comes on a connection of its own, but a locked out machine is told once
    assert codes.count("UNAUTHENTICATED") == MOST_FAILURES
    assert codes.count("PERMISSION_DENIED") == 1


def test_a_lease_that_runs_out_is_told(serve, tmp_path: Path, read_audit):
    path = tmp_path / "audit.jsonl"
    server = serve(Protection(audit=path), lease_duration_s=0.2)
    session = GrpcSession(server.address, "frozen")
    session.hold()
    session._lease._ended.set()  # as if its thread had stopped
    eventually(lambda: any(entry["event"] == "lease lost" for entry in read_audit(path)))
    (lost,) = events(read_audit(path), "lease lost")
    assert lost["lease_of"] == "frozen"
    session.close()


def test_a_full_disk_does_not_stop_the_robot(serve):
    server = serve(Protection(audit=Path("/dev/full")))
    with GrpcSession(server.address) as session:
        drive(session, chunks=3)
        session.stop("still stops")


class StillPolicy:
    name, cameras, replan_steps = "still", (), 5

    def reset(self) -> None:
        """It remembers nothing."""

    def act(self, observation):
        raise NotImplementedError


def test_a_policy_server_is_protected_in_the_same_way(keys: Path, tmp_path: Path, read_audit):
    path = tmp_path / "audit.jsonl"
    server = PolicyServer(StillPolicy, "127.0.0.1:0", protection=Protection(keys, "mtls", path))
    try:
        with pytest.raises(ConnectionFailedError, match=r"the policy at .* wants TLS: give --keys"):
            RemotePolicy(server.address)
        policy = RemotePolicy(server.address, credentials=load_credentials(keys / "anna"))
        policy.reset()
        policy.reset()
        policy.close()
    finally:
        server.close()
    told = events(read_audit(path), "connected", "policy session begin", "policy session end")
    assert [(entry["client"], entry["event"]) for entry in told] == [
        ("anna", "connected"),
        ("anna", "policy session begin"),
        ("anna", "policy session end"),
    ]
    assert told[-1]["count"] == 2


def test_watching_the_health_of_a_policy_server_occupies_none_of_its_threads(keys: Path):
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    server = PolicyServer(StillPolicy, "127.0.0.1:0", protection=Protection(keys))
    try:
        credentials = load_credentials(keys / "anna")
        secure = grpc.ssl_channel_credentials(credentials.authority)
        with grpc.secure_channel(server.address, secure) as stranger:
            health = health_pb2_grpc.HealthStub(stranger)
            watching = [health.Watch(health_pb2.HealthCheckRequest()) for _ in range(20)]
            assert {next(watch).status for watch in watching} == {1}
            policy = RemotePolicy(server.address, credentials=credentials)
            policy.reset()
            policy.close()
    finally:
        server.close()
