"""The operator's line: what it says, in which colour, and the bell."""

import io

import pytest
from rich.console import Console

from robotics.operator.collect_status import (
    CollectStatus,
    Phase,
    RecordingLoad,
    TerminalDisplay,
    duration,
    status_line,
)

LOAD = RecordingLoad(100, 98.7, 0, 0, 3, 256, 40_000_000_000, 1_500_000.0)
STATUS = CollectStatus(
    Phase.RECORDING, "put_in_bowl", "put it in", 7, 100, 12, 1, 3.25, 1234.0, 49.98, load=LOAD
)


def styles(status: CollectStatus) -> str:
    return str(status_line(status).spans[0].style)


def test_the_line_says_all_that_matters_in_eighty_columns():
    line = status_line(STATUS).plain
    for part in ("REC", "12/100", "1 failed", "3.2 s", "50.0 Hz", "99 f/s", "lost 0 f 0 t", "queue 3/256"):
        assert part in line
    assert "queue 3/256" in line[:80]
    assert "disk 40 GB (7.4 h)" in line
    assert "21 min to go" in line
    assert "seed 7" in line


@pytest.mark.parametrize(
    ("load", "colour"),
    [(LOAD, "green"), (RecordingLoad(dropped_frames=1), "red"), (RecordingLoad(missing_ticks=2), "red")],
)
def test_it_is_green_while_nothing_is_lost(load: RecordingLoad, colour: str):
    assert colour in styles(CollectStatus(Phase.RECORDING, "t", "i", 0, load=load))


def test_it_tells_the_phases_apart():
    assert "yellow" in styles(CollectStatus(Phase.READY, "t", "i", 0))
    assert "red" in styles(CollectStatus(Phase.STOPPED, "t", "i", 0))
    assert "BY HAND" in status_line(CollectStatus(Phase.RECORDING, "t", "i", 0, by_hand=True)).plain


@pytest.mark.parametrize(("seconds", "text"), [(45, "45 s"), (720, "12 min"), (12_600, "3.5 h")])
def test_durations_are_short(seconds: float, text: str):
    assert duration(seconds) == text


@pytest.mark.parametrize("quiet", [False, True])
def test_a_terminal_gets_one_line_drawn_over_and_a_bell_unless_quiet(quiet: bool):
    file = io.StringIO()
    display = TerminalDisplay(Console(file=file, force_terminal=True, width=80), quiet)
    for _ in range(10):
        display.show(STATUS)
    display.beep(2)
    display.say("success")
    shown = file.getvalue()
    assert shown.count("\n") == 1
    assert shown.count("\a") == (0 if quiet else 2)
    assert "success" in shown


def test_a_log_gets_a_line_when_something_changes():
    file = io.StringIO()
    display = TerminalDisplay(Console(file=file, width=80))
    for _ in range(50):
        display.show(STATUS)
    display.beep(3)
    assert file.getvalue().count("\n") == 1
    assert "\a" not in file.getvalue()
