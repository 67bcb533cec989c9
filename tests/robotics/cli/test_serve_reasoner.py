"""`robotics serve reasoner` serves any backend until Ctrl-C, and refuses what makes no sense in one line."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from contracts.blob_reasoner import BlobReasoner
from contracts.reasoner_contract import make_view

from robotics.bridge.reasoner_service import ReasonerServer
from robotics.bridge.remote_reasoner import RemoteReasoner
from robotics.cli.main import EXIT_INTERRUPTED, main


def test_it_serves_until_it_is_interrupted():
    behind = ReasonerServer(BlobReasoner, "127.0.0.1:0")
    command = [sys.executable, "-m", "robotics.cli.main", "serve", "reasoner", "--backend", behind.address]
    serving = subprocess.Popen([*command, "--port", "0"], stderr=subprocess.PIPE, text=True)
    try:
        assert serving.stderr is not None
        found = re.match(r"blobs at (\S+); Ctrl-C ends", serving.stderr.readline())
        assert found is not None
        reasoner = RemoteReasoner(found[1])
        assert reasoner.name == "blobs" and reasoner.point(make_view(), "red").items
        reasoner.close()
        serving.send_signal(signal.SIGINT)
        assert serving.stderr.read().strip() == "interrupted"
        assert serving.wait() == EXIT_INTERRUPTED
    finally:
        serving.kill()
        serving.wait()
        behind.close()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--backend", "gemni"), "no reasoner 'gemni'"),
        (("--listen", "0.0.0.0:0"), "without keys"),
        (("--auth", "mtls"), "wants --keys"),
        (("--keys", "nowhere"), "nowhere"),
        (("--parallel", "0"), "at least one"),
        (("--views-per-client", "0"), "1 or more views"),
        (("--backend", "127.0.0.1:1"), "no reasoner answers"),
    ],
)
def test_what_cannot_be_served_is_one_line(
    words: tuple[str, ...],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    assert main(["serve", "reasoner", "--port", "0", *words]) == 2
    said = capsys.readouterr().err
    assert text in said and said.count("\n") == 1
