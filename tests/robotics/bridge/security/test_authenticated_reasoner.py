"""A reasoner on the network serves those who have a key, and nobody else."""

from pathlib import Path

import grpc
import pytest
from contracts.blob_reasoner import BlobReasoner
from contracts.reasoner_contract import make_view

from robotics.bridge.address import AddressError
from robotics.bridge.reasoner_service import ReasonerServer
from robotics.bridge.remote_reasoner import RemoteReasoner
from robotics.bridge.security.key_folder import load_credentials
from robotics.bridge.security.protection import Protection
from robotics.bridge.v1 import reasoner_service_pb2 as pb
from robotics.bridge.v1 import reasoner_service_pb2_grpc
from robotics.errors import ConnectionFailedError


@pytest.mark.parametrize("auth", ["token", "mtls"])
def test_a_client_with_its_keys_is_answered(keys: Path, foreign_keys: Path, auth: str):
    server = ReasonerServer(BlobReasoner, "127.0.0.1:0", protection=Protection(keys, auth))
    try:
        anna = RemoteReasoner(server.address, load_credentials(keys / "anna"))
        assert anna.point(make_view(), "red").items
        anna.close()
        with pytest.raises(ConnectionFailedError):
            RemoteReasoner(server.address, load_credentials(foreign_keys / "anna"))
        with pytest.raises(ConnectionFailedError):
            RemoteReasoner(server.address)
    finally:
        server.close()


def test_a_view_is_not_taken_from_a_client_without_a_token(keys: Path):
    server = ReasonerServer(BlobReasoner, "127.0.0.1:0", protection=Protection(keys))
    try:
        secure = grpc.ssl_channel_credentials(load_credentials(keys / "anna").authority)
        with grpc.secure_channel(server.address, secure) as channel:
            stub = reasoner_service_pb2_grpc.ReasonerServiceStub(channel)
            with pytest.raises(grpc.RpcError) as refused:
                stub.PutView(pb.PutViewRequest(), timeout=60)
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED  # type: ignore[attr-defined]
    finally:
        server.close()


def test_other_machines_are_not_served_without_keys():
    with pytest.raises(AddressError, match="without keys"):
        ReasonerServer(BlobReasoner, "0.0.0.0:0")
