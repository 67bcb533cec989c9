"""A robot with TLS serves the clients that it knows; every other way in ends in one clear line."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from robotics.bridge.client import GrpcSession
from robotics.bridge.connection import Connection
from robotics.bridge.security.authority import make_keys
from robotics.bridge.security.key_folder import Credentials, KeysError, load_credentials
from robotics.bridge.security.lockout import MOST_FAILURES
from robotics.bridge.security.protection import Protection
from robotics.bridge.v1 import estop_service_pb2, estop_service_pb2_grpc
from robotics.errors import ConnectionFailedError


def refusal(address: str, credentials: Credentials | None) -> str:
    """The one line that a client gets."""
    with pytest.raises(ConnectionFailedError) as refused:
        GrpcSession(address, credentials=credentials).close()
    line = str(refused.value)
    assert "\n" not in line and len(line) < 300
    return line


@pytest.fixture
def copy(tmp_path: Path):
    """Credentials of a copied folder, changed before they are loaded."""

    def make(folder: Path, **contents: str | None) -> Credentials:
        target = tmp_path / f"copy{time.monotonic_ns()}"
        shutil.copytree(folder, target)
        for name, content in contents.items():
            path = target / name.replace("_", ".")
            path.unlink() if content is None else path.write_text(content)
        return load_credentials(target)

    return make


def test_the_right_token_is_served_and_the_session_works(serve, keys: Path, copy):
    server = serve(Protection(keys))
    without_certificate = copy(keys / "anna", client_crt=None, client_key=None)
    for credentials in (load_credentials(keys / "anna"), without_certificate):
        with GrpcSession(server.address, credentials=credentials) as session:
            session.reset("turn_left_arm", 0)
            assert len(session.advance(3)) == 3


def test_a_certificate_is_served_without_a_token(serve, keys: Path, copy):
    server = serve(Protection(keys, "mtls"))
    with GrpcSession(server.address, credentials=copy(keys / "anna", token=None)) as session:
        session.stop("enough")


def test_a_wrong_or_missing_token_is_said_so(serve, keys: Path, foreign_keys: Path, copy):
    server = serve(Protection(keys))
    assert "not one of this server's" in refusal(server.address, copy(keys / "anna", token="guess"))
    assert "a token is needed" in refusal(server.address, copy(keys / "anna", token=None))


def test_no_client_certificate_and_one_of_another_authority_are_said_so(
    serve, keys: Path, foreign_keys: Path, copy
):
    server = serve(Protection(keys, "mtls"))
    line = refusal(server.address, copy(keys / "anna", client_crt=None, client_key=None))
    assert "wants a client certificate" in line
    foreign = copy(foreign_keys / "anna", ca_crt=(keys / "ca.crt").read_text())
    assert "another authority signed the certificate" in refusal(server.address, foreign)


def test_a_server_of_another_authority_is_not_trusted(serve, keys: Path, foreign_keys: Path):
    server = serve(Protection(keys))
    line = refusal(server.address, load_credentials(foreign_keys / "anna"))
    assert "cannot be trusted: another authority" in line


def test_plain_and_tls_do_not_meet_and_both_say_what_to_do(serve, keys: Path):
    secured, plain = serve(Protection(keys)), serve(Protection())
    assert "wants TLS: give --keys" in refusal(secured.address, None)
    assert "does not speak TLS: leave --keys" in refusal(plain.address, load_credentials(keys / "anna"))


def test_nobody_there_is_still_said_so(serve, keys: Path):
    server = serve(Protection(keys))
    server.close()
    assert "no robot answers" in refusal(server.address, load_credentials(keys / "anna"))
    assert "no robot answers" in refusal(server.address, None)


def test_a_server_with_another_name_is_not_trusted(serve, keys: Path):
    # all of 127.0.0.0/8 is loopback, but the certificate is for 127.0.0.1
    server = serve(Protection(keys), address="127.0.0.2:0")
    line = refusal(server.address, load_credentials(keys / "anna"))
    assert "not for '127.0.0.2'" in line and "--host 127.0.0.2" in line


def test_an_expired_server_is_refused_at_its_start_and_by_clients(serve, tmp_path: Path):
    make_keys(tmp_path / "keys", clients=("anna",), valid_days=-1.0)
    with pytest.raises(KeysError, match="expired on"):
        serve(Protection(tmp_path / "keys"))
    # it may also expire while it serves
    part = tmp_path / "keys" / "server"
    pair = ((part / "server.key").read_bytes(), (part / "server.crt").read_bytes())
    from concurrent.futures import ThreadPoolExecutor

    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    server.start()
    line = refusal(f"127.0.0.1:{port}", load_credentials(tmp_path / "keys"))
    server.stop(0)
    assert "its certificate has expired" in line


def test_an_expired_client_certificate_is_said_so(serve, keys: Path, tmp_path: Path, monkeypatch):
    from robotics.bridge.security import authority

    folder = tmp_path / "keys"
    sign = authority._sign
    # the same authority and server, but what it signs for a client has expired
    monkeypatch.setattr(
        authority,
        "_sign",
        lambda name, by, days, hosts=(): sign(name, by, -1.0 if by and not hosts else days, hosts),
    )
    make_keys(folder, clients=("anna",))
    server = serve(Protection(folder, "mtls"))
    assert "has expired" in refusal(server.address, load_credentials(folder))


def test_the_servers_own_certificate_lets_no_client_in(serve, keys: Path, copy):
    server = serve(Protection(keys, "mtls"))
    stolen = copy(
        keys / "anna",
        client_crt=(keys / "server" / "server.crt").read_text(),
        client_key=(keys / "server" / "server.key").read_text(),
    )
    assert "is not one that it accepts" in refusal(server.address, stolen)


def test_a_client_that_was_struck_from_the_list_is_known_but_not_served(serve, keys: Path, tmp_path: Path):
    shutil.copytree(keys, tmp_path / "keys")
    listed = tmp_path / "keys" / "server" / "clients.json"
    clients = json.loads(listed.read_text())
    del clients["bert"]
    listed.write_text(json.dumps(clients))
    bert = load_credentials(keys / "bert")
    by_certificate = serve(Protection(tmp_path / "keys", "mtls"))
    assert "does not serve this client: 'bert'" in refusal(by_certificate.address, bert)
    by_token = serve(Protection(tmp_path / "keys"))
    assert "does not know this client" in refusal(by_token.address, bert)


def test_six_failures_lock_out_new_connections_but_no_running_session_and_no_stop(serve, keys: Path, copy):
    server = serve(Protection(keys))
    anna = load_credentials(keys / "anna")
    with GrpcSession(server.address, credentials=anna) as running:
        running.reset("turn_left_arm", 0)
        wrong = copy(keys / "bert", token="guess")
        for _ in range(MOST_FAILURES):
            assert "not one of this server's" in refusal(server.address, wrong)
        for shown in (wrong, load_credentials(keys / "bert")):
            assert "127.0.0.1 is locked out for" in refusal(server.address, shown)
        # who leads on an open connection goes on leading
        running.advance(1)
        # and the right token may always stop the robot; a wrong one may not
        assert stop(server.address, load_credentials(keys / "bert")) is grpc.StatusCode.OK
        assert stop(server.address, wrong) is grpc.StatusCode.PERMISSION_DENIED


def stop(address: str, credentials: Credentials) -> grpc.StatusCode:
    connection = Connection(address, "robot", credentials)
    stub = estop_service_pb2_grpc.EStopServiceStub(connection.channel)
    try:
        stub.Stop(estop_service_pb2.StopRequest(reason="enough"), timeout=10.0)
    except grpc.RpcError as error:
        assert isinstance(error, grpc.Call)
        return error.code()
    finally:
        connection.close()
    return grpc.StatusCode.OK


def test_every_method_but_health_needs_authentication(serve, keys: Path):
    """Also methods that come later: they are found by reflection, with the right token."""
    server = serve(Protection(keys))
    stranger = Connection(server.address, "robot", strip(load_credentials(keys / "anna")))
    with GrpcSession(server.address, credentials=load_credentials(keys / "anna")) as session:
        methods = sorted(methods_of(session._connection.channel))
    assert len(methods) > 15
    codes = {}
    for number, (method, client_streams) in enumerate(methods):
        if number % (MOST_FAILURES - 1) == 0:
            server.close()
            server = serve(Protection(keys))
            stranger = Connection(server.address, "robot", strip(load_credentials(keys / "anna")))
        try:
            if client_streams:
                list(stranger.channel.stream_stream(method)(iter(()), timeout=10.0))
            else:
                list(stranger.channel.unary_stream(method)(b"", timeout=10.0))
            codes[method] = grpc.StatusCode.OK
        except grpc.RpcError as error:
            assert isinstance(error, grpc.Call)
            codes[method] = error.code()
    open_methods = {m for m, code in codes.items() if code is not grpc.StatusCode.UNAUTHENTICATED}
    assert {m for m in open_methods if not m.startswith("/grpc.health.v1.Health/")} == set()
    health = health_pb2_grpc.HealthStub(stranger.channel)
    assert health.Check(health_pb2.HealthCheckRequest(), timeout=10.0).status == 1


def strip(credentials: Credentials) -> Credentials:
    return Credentials(credentials.folder, credentials.authority, None, None, "")


def methods_of(channel: grpc.Channel) -> set[tuple[str, bool]]:
    """Every method that the server reflects, and whether its client streams."""
    from google.protobuf import descriptor_pb2

    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)

    def ask(**request):
        (answer,) = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(**request)]))
        return answer

    found = set()
    for service in ask(list_services="").list_services_response.service:
        for file in ask(file_containing_symbol=service.name).file_descriptor_response.file_descriptor_proto:
            described = descriptor_pb2.FileDescriptorProto.FromString(file)
            for one in described.service:
                if f"{described.package}.{one.name}" == service.name and "health" not in service.name:
                    found |= {(f"/{service.name}/{m.name}", m.client_streaming) for m in one.method}
    return found
