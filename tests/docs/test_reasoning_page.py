"""Commands, Python and JSON of docs/reasoning.md are as the program understands them."""

import base64
import importlib
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import cv2
import grpc
import pytest
import tyro
from contracts.blob_reasoner import BlobReasoner
from contracts.reasoner_contract import make_view
from google.protobuf import json_format

from robotics.bridge.reasoner_service import ReasonerServer
from robotics.bridge.v1 import reasoner_service_pb2 as pb
from robotics.bridge.v1 import reasoner_service_pb2_grpc, types_pb2
from robotics.cli.main import find_command
from robotics.reasoning.calibration import decode_calibration
from robotics.reasoning.errors import ReasoningError

PAGE = (Path(__file__).parents[2] / "docs/reasoning.md").read_text()


def blocks(language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [code for tag, code in found if tag == language]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ReasonerServer(BlobReasoner, "127.0.0.1:0")
    yield server.address
    server.close()


@pytest.mark.parametrize("line", [line for block in blocks("") for line in block.splitlines()])
def test_a_command_of_the_page_is_understood(line: str):
    command, rest = find_command(shlex.split(line)[1:])
    arguments = importlib.import_module(command.module).Arguments
    assert tyro.cli(arguments, args=rest, config=(tyro.conf.FlagCreatePairsOff,))


def test_the_python_example_finds_the_block(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("photo.png", make_view().image[..., ::-1])
    (example,) = blocks("python")
    exec(compile(example.replace("127.0.0.1:50053", address), "docs/reasoning.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert re.match(r"column 7\d, row 7\d, 90%", lines[0]) and len(lines) == 4
    assert "Box2D" in lines[1] and "nothing green" in lines[3]


def test_the_json_of_a_question_is_answered(address: str):
    photo = cv2.imencode(".jpg", make_view().image[..., ::-1])[1].tobytes()
    question = blocks("json")[1].replace("BASE64_OF_THE_FILE", base64.b64encode(photo).decode())
    request = json_format.Parse(question, pb.AskRequest())
    with grpc.insecure_channel(address) as channel:
        response = reasoner_service_pb2_grpc.ReasonerServiceStub(channel).Ask(request, timeout=60)
    assert response.status.code == types_pb2.STATUS_CODE_OK
    assert response.found.points[0].column == pytest.approx(75, abs=2)


def test_the_calibration_of_the_page_is_one():
    known = decode_calibration(json.loads(blocks("json")[0]))
    assert known.intrinsics is not None and known.camera_in_world is not None


def test_every_error_is_on_the_page():
    kinds = ReasoningError.__subclasses__()
    assert len(kinds) >= 6
    assert not [kind.__name__ for kind in kinds if f"`{kind.__name__}`" not in PAGE]
