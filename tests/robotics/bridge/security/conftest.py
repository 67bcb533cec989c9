"""Keys that are made once, and servers with TLS on loopback."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from contracts.fake_robot import FakeCameraRig, FakeRobot

from robotics.bridge.local_session import LocalSession
from robotics.bridge.security.authority import make_keys
from robotics.bridge.security.protection import Protection
from robotics.bridge.server import LockstepServer
from robotics.bridge.server_settings import ServerSettings


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For clients anna and bert."""
    folder = tmp_path_factory.mktemp("keys") / "keys"
    make_keys(folder, clients=("anna", "bert"))
    return folder


@pytest.fixture(scope="session")
def foreign_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For a client anna, too, but of another authority."""
    folder = tmp_path_factory.mktemp("foreign") / "keys"
    make_keys(folder, clients=("anna",))
    return folder


@pytest.fixture
def serve() -> Iterator[Callable[..., LockstepServer]]:
    """Starts lockstep robots with a protection; they end with the test."""
    with ExitStack() as stack:

        def start(protection: Protection, address: str = "127.0.0.1:0", **options: Any) -> LockstepServer:
            settings = ServerSettings(protection=protection, **options)
            server = LockstepServer(
                lambda: LocalSession(FakeRobot(), FakeCameraRig()), address=address, settings=settings
            )
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture
def read_audit() -> Callable[[Path], list[dict[str, Any]]]:
    def read(path: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in path.read_text().splitlines()]

    return read
