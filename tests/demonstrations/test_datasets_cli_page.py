"""The commands of docs/datasets_cli.md run one after another as they stand; those that need a robot exist."""

import re
import shlex
from pathlib import Path

from contracts.demonstration_episodes import make_dataset, record_episode
from contracts.fake_embodiment import fake_embodiment

from demonstrations.versions import Version
from robotics.cli.main import find_command, main

PAGE = Path(__file__).parents[2] / "docs/datasets_cli.md"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def commands(language: str) -> list[list[str]]:
    return [shlex.split(line)[1:] for tag, block in BLOCKS if tag == language for line in block.splitlines()]


def test_every_command_of_the_page_runs(tmp_path, monkeypatch, capsys):
    make_dataset(tmp_path / "data/put_in_bowl", episodes=10)
    other = make_dataset(tmp_path / "data/open_drawer")
    with other.writer(fake_embodiment()) as writer:
        record_episode(writer, seed=20)
    monkeypatch.chdir(tmp_path)
    for words in commands("sh"):
        expected = 1 if words[1] == "diff" else 0
        assert main(words) == expected, (words, capsys.readouterr())
    assert (tmp_path / "film.mp4").stat().st_size > 1000
    assert (tmp_path / "stats.json").exists()


def test_every_command_of_the_room_is_on_the_page_and_exists():
    shown = {words[1] for words in [*commands("sh"), *commands("")] if words[0] == "data"}
    wanted = (
        "ls show view stats diff trim split relabel filter merge replay versions restore gc verify repair"
    )
    assert shown == {*wanted.split()}
    for words in commands(""):
        find_command(words)


def test_every_key_of_a_version_is_on_the_page():
    listed = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| `.*?\|", PAGE.read_text(), re.MULTILINE))))
    assert {*Version(1, "", "", frozenset()).to_json()} <= listed
