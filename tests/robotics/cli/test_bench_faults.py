"""`robotics bench faults` says of each fault what was seen, and fails where something did not hold."""

import json
from pathlib import Path

import pytest

from robotics.bridge.faults import suite
from robotics.bridge.faults.finding import Fault, Finding
from robotics.bridge.faults.suite import FaultRow
from robotics.cli import bench
from robotics.cli.benches import faults

FAULT = Fault("client", "off: killed", "brakes, holds", lambda scene: Finding(), quick=True)


def run_with(monkeypatch, finding: Finding, file: Path) -> int:
    def run_faults(embodiment, wanted, on_row) -> list[suite.FaultRow]:
        row = FaultRow(FAULT, finding, 1.0)
        on_row(row)
        return [row]

    monkeypatch.setattr(faults, "run_faults", run_faults)
    return bench.main(bench.Arguments("faults", quick=True, json=file))


def test_what_held_is_a_row_with_its_times(monkeypatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "faults.json"
    finding = Finding("", "stopping; holding", slowing_s=0.013, standstill_s=0.253, recovered=True)
    assert run_with(monkeypatch, finding, file) == 0
    line = "| client | off: killed | brakes, holds | yes | 13 ms, 1 tick | 253 ms, 13 ticks |"
    assert line in capsys.readouterr().out
    (row,) = json.loads(file.read_text())["measurements"]["faults"]
    assert row["held"] and row["recovered"] and row["standstill_ms"] == 253.0 and row["slowing_ticks"] == 1


def test_what_did_not_hold_is_named_and_fails(monkeypatch, tmp_path: Path, capsys):
    finding = Finding("velocity of left/waist at 120.0 % of its limit")
    assert run_with(monkeypatch, finding, tmp_path / "faults.json") == 1
    assert "NO: velocity of left/waist" in capsys.readouterr().out


def test_all_leaves_the_faults_out(monkeypatch, tmp_path: Path):
    imported = []

    class NoBench:
        @staticmethod
        def measure(robot: str, quick: bool) -> list:
            return []

    monkeypatch.setattr(bench.importlib, "import_module", lambda name: imported.append(name) or NoBench)
    assert bench.main(bench.Arguments("all")) == 0
    assert "robotics.cli.benches.control" in imported and "robotics.cli.benches.faults" not in imported
