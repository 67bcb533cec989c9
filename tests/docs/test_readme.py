"""The README's Python example runs as it stands, and its commands exist."""

import re
import shlex
from pathlib import Path

import pytest

from robotics.cli.main import find_command

README = Path(__file__).parents[2] / "README.md"


def blocks(language: str) -> list[str]:
    """Code blocks of a language; '' for those without."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    return [code for tag, code in found if tag == language]


def test_the_python_example_records_a_successful_episode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from demonstrations import DemonstrationDataset

    monkeypatch.chdir(tmp_path)
    (example,) = blocks("python")
    exec(compile(example, str(README), "exec"), {})
    dataset = DemonstrationDataset.open(tmp_path / "bowl_demonstrations")
    assert len(dataset.demonstrations("put_in_bowl")) == 1


def test_every_command_of_the_readme_exists():
    lines = [line for block in blocks("") for line in block.splitlines() if line.startswith("robotics ")]
    assert len(lines) >= 10
    for line in lines:
        find_command(shlex.split(line, comments=True)[1:])
