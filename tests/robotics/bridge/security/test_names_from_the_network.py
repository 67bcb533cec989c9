"""No name that comes over the network opens, makes or names a file outside of where it belongs."""

import contextlib
import hashlib
import sys
from pathlib import Path

import pytest
from contracts.fake_embodiment import FAKE_EMBODIMENT_FILE
from contracts.fake_robot import TASKS

from robotics.bridge.client import GrpcSession
from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.embodiment_codec import decode_embodiment
from robotics.bridge.policy_service import PolicyServer, RemotePolicy
from robotics.bridge.security.names import is_plain_name
from robotics.bridge.security.protection import Protection
from robotics.bridge.v1 import robot_service_pb2, types_pb2
from robotics.embodiment import parse_embodiment
from robotics.errors import RoboticsError
from robotics.session import Event, EventKind

WILD = [
    "../../../etc/passwd",
    "/etc/passwd",
    "..",
    "",
    "a/../b",
    "nul\x00byte",
    "put_in_bowl/../../x",
    "x" * 5000,
]

_opened: list[str] | None = None


def _watch(event: str, arguments: tuple) -> None:
    if _opened is not None and event in (
        "open",
        "os.mkdir",
        "os.rename",
        "os.remove",
        "os.listdir",
        "os.scandir",
    ):
        _opened.append(str(arguments[0]))


sys.addaudithook(_watch)  # for good: Python has no way to take it back


@pytest.fixture
def touched():
    """Every path that this process opens, makes or removes during the test; the server runs in it, too."""
    global _opened  # noqa: PLW0603
    _opened = []
    yield _opened
    _opened = None


def test_a_wild_name_in_any_request_touches_no_file(serve, touched: list[str]):
    server = serve(Protection())
    with GrpcSession(server.address) as session:

        def attempts(name: str) -> None:
            request = robot_service_pb2.GetObservationRequest(cameras=[name])
            assert session._robot.GetObservation(request).status.code != types_pb2.STATUS_CODE_OK
            for attempt in (
                lambda: session.reset(name, 0),
                lambda: session.reset(TASKS[0].name, 0, name),
                lambda: session.annotate(Event(EventKind.INSTRUCTION, name)),
                lambda: session.annotate(Event(EventKind.NOTE, name)),
                lambda: session.stop(name),
                session.release,
            ):
                with contextlib.suppress(RoboticsError):
                    attempt()
            session.advance(1)

        attempts("tame")  # what Python imports at first use is no finding
        touched.clear()
        for name in WILD:
            attempts(name)
    assert touched == []


def message_of(toml: str, name: str) -> types_pb2.Embodiment:
    parsed = parse_embodiment(toml.encode(), Path("/dev/null/embodiment.toml"))
    return types_pb2.Embodiment(
        name=name,
        toml=toml.encode(),
        embodiment_hash=hashlib.sha256(toml.encode()).hexdigest(),
        interface_fingerprint=parsed.interface_fingerprint,
        model=parsed.model,
    )


@pytest.mark.parametrize(
    "model", ["/etc/hostname", "../../../../etc/hostname", "/dev/null/../../etc/hostname"]
)
def test_a_robots_model_is_never_a_file_of_the_clients_machine(model: str):
    text = FAKE_EMBODIMENT_FILE.read_text()
    line = next(line for line in text.splitlines() if line.startswith("model"))
    decoded = decode_embodiment(message_of(text.replace(line, f'model = "{model}"'), "stranger"))
    assert not decoded.model_path.exists()
    assert decoded.model_path.parent == Path("/dev/null")


@pytest.mark.parametrize("name", ["../../x", "/tmp/x", "a/b", ".hidden", ""])
def test_a_robot_whose_names_could_be_paths_is_refused(name: str):
    """The recorder calls folders after cameras; reports are called after robots."""
    text = FAKE_EMBODIMENT_FILE.read_text()
    for old in (
        'name = "overhead"',
        next(line for line in text.splitlines() if line.startswith("name")),
    ):
        assert old in text
        with pytest.raises(MalformedMessageError, match="names are letters"):
            decode_embodiment(message_of(text.replace(old, f'name = "{name}"', 1), "stranger"))


@pytest.mark.parametrize("name", WILD)
def test_the_embodiments_announced_name_opens_nothing(touched: list[str], name: str):
    message = message_of(FAKE_EMBODIMENT_FILE.read_text(), name.replace("\x00", ""))
    decode_embodiment(message)
    touched.clear()
    decode_embodiment(message)
    assert [path for path in touched if name and name in path and name != ".."] == []


@pytest.mark.parametrize("name", WILD)
def test_wild_names_are_no_plain_names(name: str):
    assert not is_plain_name(name)


def test_the_built_in_names_are():
    for name in ("aloha2", "franka_duo", "worms_eye", "wrist_left", "anna@bench2", "robot-1.0"):
        assert is_plain_name(name)


class WildPolicy:
    name, cameras, replan_steps = "../../../tmp/policy", (), 5

    def reset(self) -> None:
        """It remembers nothing."""

    def act(self, observation):
        raise NotImplementedError


def test_a_policys_name_is_text_and_nothing_else(touched: list[str]):
    server = PolicyServer(WildPolicy, "127.0.0.1:0")
    policy = RemotePolicy(server.address)
    assert policy.name == WildPolicy.name
    policy.close()
    server.close()
    assert [path for path in touched if "tmp/policy" in path] == []
