"""docs/quality.md lists every check with its severity and weight; its examples run and its commands exist."""

import re
from pathlib import Path

import pytest
from contracts.fake_embodiment import fake_embodiment

from demonstrations.quality.catalogue import CHECKS
from demonstrations.quality.planted.made_up import make_dataset, make_recording
from demonstrations.quality.planted.recording import write_recording

PAGE = (Path(__file__).parents[3] / "docs/quality.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_every_check_is_listed_with_its_severity_and_weight():
    listed = re.findall(r"^\| `(\w+)` \| (\w+) \| (\d+) \|", PAGE, re.MULTILINE)
    assert listed == [(c.name, c.severity.value, str(c.weight)) for c in CHECKS.values()]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_page_runs(tmp_path, monkeypatch, example):
    dataset = make_dataset(tmp_path / "data/put_in_bowl", fake_embodiment())
    write_recording(make_recording(fake_embodiment(), 0), dataset, fake_embodiment())
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "docs/quality.md", "exec"), {})


def test_the_options_of_the_page_exist():
    import tyro

    from robotics.cli.data_check import Arguments

    lines = re.findall(r"^robotics data check (.*?)(?: {2,}#.*)?$", PAGE, re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        tyro.cli(Arguments, args=line.split(), config=(tyro.conf.FlagCreatePairsOff,))
