"""The complete example of docs/embodiments.md is a robot that passes the check."""

import re
from pathlib import Path

from robotics.embodiments.check import check_embodiment

PAGE = Path(__file__).parents[3] / "docs" / "embodiments.md"


def test_the_documented_example_passes_the_check(tmp_path):
    page = PAGE.read_text()
    for language, name in (("toml", "embodiment.toml"), ("xml", "model.xml")):
        (block,) = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
        (tmp_path / name).write_text(block)
    report = check_embodiment(tmp_path / "embodiment.toml")
    assert report.problems == ()
