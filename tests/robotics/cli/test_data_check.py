"""`robotics data check` as a user calls it: tables, JSON, report, exit codes, one line for bad input."""

import json

import pytest
from contracts.fake_embodiment import FAKE_EMBODIMENT_FILE, fake_embodiment

from demonstrations.quality.planted.made_up import make_dataset, make_recording
from demonstrations.quality.planted.motion_faults import MOTION_FAULTS
from demonstrations.quality.planted.recording import write_recording
from robotics.cli.main import main


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Episode 0 is clean, the left elbow of episode 1 does not move."""
    embodiment = fake_embodiment()
    dataset = make_dataset(tmp_path_factory.mktemp("check") / "data", embodiment)
    fault = next(fault for fault in MOTION_FAULTS if fault.check == "frozen_joint")
    write_recording(make_recording(embodiment, 0), dataset, embodiment)
    write_recording(fault.change(make_recording(embodiment, 1), embodiment), dataset, embodiment)
    return dataset.path


def check(capsys, *arguments: object) -> tuple[int, str, str]:
    code = main(["data", "check", *map(str, arguments)])
    output = capsys.readouterr()
    return code, output.out, output.err


def test_it_says_which_episode_is_bad_and_why(path, capsys):
    code, out, _ = check(capsys, path, "--embodiment", FAKE_EMBODIMENT_FILE)
    assert code == 0
    assert "error frozen_joint" in out
    assert "told to move by" in out
    assert "2 episodes, 1 without any finding; errors: 1, warnings: 0, notes: 0" in out
    assert f"robotics data filter {path} --hide 1" in out


def test_strict_fails_where_there_is_an_error(path, capsys):
    assert check(capsys, path, "--strict")[0] == 1
    assert check(capsys, path)[0] == 0


def test_limits_that_were_not_checked_are_told(path, capsys):
    assert "limits were not checked: no robot file of 'fake'" in check(capsys, path)[1]


def test_json_is_all_that_comes_out(path, capsys):
    code, out, _ = check(capsys, path, "--json", "--no-pictures")
    table = json.loads(out)
    assert code == 0
    assert [episode["number"] for episode in table["episodes"]] == [1, 0]
    assert table["episodes"][0]["findings"][0]["check"] == "frozen_joint"


def test_the_report_is_written(path, capsys, tmp_path):
    target = tmp_path / "new folder" / "quality.html"
    code, out, _ = check(capsys, path, "--report", target)
    assert code == 0
    assert target.read_text().startswith("<!doctype html>")
    assert "report:" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere",), "DatasetError: nowhere is no demonstration dataset"),
        (("{path}", "--embodiment", "aloha3"), "no embodiment 'aloha3' (did you mean 'aloha2'?)"),
        (("{path}", "--embodiment", "franka_duo"), "'franka_duo' is another robot than the dataset's 'fake'"),
    ],
)
def test_bad_input_is_one_line(path, capsys, arguments, message):
    code, _, err = check(capsys, *(a.format(path=path) for a in arguments))
    assert code == 2
    assert message in err
    assert "Traceback" not in err
