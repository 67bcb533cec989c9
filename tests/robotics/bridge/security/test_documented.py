"""What docs/security.md shows works as it stands, and the limits that it names are those in force."""

import re
import shlex
from pathlib import Path

import pytest
import tyro

from robotics.bridge.policy_service import POLICY_LIMITS
from robotics.bridge.security.protection import Limits, Protection
from robotics.cli import keys_make, run, serve_robot
from robotics.cli.main import find_command

PAGE = (Path(__file__).parents[4] / "docs" / "security.md").read_text()


def test_its_commands_parse():
    (block,) = re.findall(r"^```\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    parsed = []
    for line in block.splitlines():
        _, rest = find_command(shlex.split(line, comments=True)[1:])
        module = (keys_make, serve_robot, run)[len(parsed)]
        parsed.append(tyro.cli(module.Arguments, args=rest))
    assert parsed[0].client == ("anna", "policy1") and parsed[1].keys == Path("keys")


def test_its_python_connects(serve, keys: Path, monkeypatch: pytest.MonkeyPatch):
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    server = serve(Protection(keys))
    monkeypatch.chdir(keys.parent)
    names: dict = {}
    exec(compile(code.replace("robot1.lab:50051", server.address), "security.md", "exec"), names)
    names["session"].close()


def test_its_limits_are_those_in_force():
    limits, mebibyte = Limits(), 1 << 20
    for text in (
        f"| calls | {limits.calls_per_s:,.0f} a second |",
        f"| messages on its streams | {limits.messages_per_s:,.0f} a second",
        f"{limits.bytes_per_s / mebibyte:g} MiB a second",
        f"{POLICY_LIMITS.bytes_per_s / mebibyte / 1024:g} GiB",
        f"| open calls and streams | {limits.calls_at_once} |",
        f"| connections, of all clients together | {limits.connections} |",
    ):
        assert text in PAGE
