"""The examples of docs/training_data.md run as they stand."""

import dataclasses
import re
from pathlib import Path

import pytest
from contracts.demonstration_episodes import make_dataset

from demonstrations.window_batch import WindowFormat

PAGE = Path(__file__).parents[2] / "docs/training_data.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_page_runs(tmp_path, monkeypatch, example):
    for name in ("put_in_bowl", "stack_blocks"):
        make_dataset(tmp_path / "data" / name, episodes=2)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, str(PAGE), "exec"), {})


def test_the_page_lists_every_key_of_a_sample():
    rows = re.findall(r"^\| (`.*?) \|", PAGE.read_text(), re.MULTILINE)
    listed = set(re.findall(r"`(\w+)`", " ".join(rows)))
    numbers = {f.name: 1 for f in dataclasses.fields(WindowFormat) if f.name != "cameras"}
    assert listed == set(WindowFormat({"overhead": (2, 2)}, **numbers).allocate(1))
