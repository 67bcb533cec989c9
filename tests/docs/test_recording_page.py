"""Commands of docs/recording.md are as the program understands them."""

import re
import shlex
from pathlib import Path

import pytest
import tyro

from robotics.cli.main import find_command

PAGE = (Path(__file__).parents[2] / "docs/recording.md").read_text()
BLOCKS = re.findall(r"```\n(robotics .*?)```", PAGE, re.DOTALL)
INLINE = re.findall(r"`(robotics [^`]*)`", PAGE)


def parse(line: str) -> object:
    import importlib

    command, rest = find_command(shlex.split(line)[1:])
    return tyro.cli(
        importlib.import_module(command.module).Arguments, args=rest, config=(tyro.conf.FlagCreatePairsOff,)
    )


@pytest.mark.parametrize("block", [*BLOCKS, *INLINE])
def test_a_command_of_the_page_is_understood(block: str):
    assert parse(block.replace("\\\n", " ").strip())


def test_the_page_shows_the_line_that_an_operator_sees():
    from robotics.operator.collect_status import CollectStatus, Phase, RecordingLoad, status_line

    load = RecordingLoad(160, 98.7, 0, 0, 3, 256, 40_000_000_000, 1_500_000.0)
    status = CollectStatus(Phase.RECORDING, "put_in_bowl", "", 13, 100, 12, 1, 3.24, 1234.0, 49.98, load=load)
    assert status_line(status).plain in PAGE
