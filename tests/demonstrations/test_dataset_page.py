"""The examples of docs/dataset.md run as they stand."""

import re
from pathlib import Path

import pytest
from contracts.demonstration_episodes import make_dataset

PAGE = Path(__file__).parents[2] / "docs/dataset.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_page_runs(tmp_path, monkeypatch, example):
    make_dataset(tmp_path / "data/put_in_bowl", episodes=2)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, str(PAGE), "exec"), {})


def test_the_page_lists_every_state_array():
    from demonstrations.journal import state_names

    listed = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| `.*?\|", PAGE.read_text(), re.MULTILINE))))
    assert listed == set(state_names())
