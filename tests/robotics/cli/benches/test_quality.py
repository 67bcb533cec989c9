"""`robotics bench quality`: it plants, counts, and fails where a fault is missed or something is made up."""

from contracts.fake_embodiment import FAKE_EMBODIMENT_FILE, fake_embodiment

from demonstrations.quality.planted.fault import Fault
from demonstrations.quality.planted.faults import EPISODE_FAULTS
from demonstrations.quality.planted.made_up import make_dataset, make_recording
from demonstrations.quality.planted.recording import write_recording
from robotics.cli.benches import quality

ROBOT = f"sim:{FAKE_EMBODIMENT_FILE}"


def test_faults_are_counted_and_told_as_a_table(monkeypatch, capsys):
    undetectable = Fault("nothing at all", "jump")
    monkeypatch.setattr(quality, "EPISODE_FAULTS", (EPISODE_FAULTS[0], undetectable))
    monkeypatch.setattr(quality, "DATASET_FAULTS", ())
    planted, missed, beside, clean, _ = quality.measure(ROBOT, quick=False)
    assert (planted.p50, missed.p50, beside.p50, clean.p50) == (2, 1, 0, 0)
    assert missed.note == "nothing at all"
    assert [getattr(row, "held", True) for row in (planted, missed, beside, clean)] == [
        True,
        False,
        True,
        True,
    ]
    out = capsys.readouterr().out
    assert "| velocities stored as float32 | wrong_dtype | yes |" in out
    assert "| nothing at all | jump | NO |" in out


def test_faults_are_planted_into_a_recorded_dataset(monkeypatch, tmp_path):
    dataset = make_dataset(tmp_path / "recorded", fake_embodiment())
    for seed in range(3):
        write_recording(make_recording(fake_embodiment(), seed), dataset, fake_embodiment())
    monkeypatch.setattr(quality, "EPISODE_FAULTS", EPISODE_FAULTS[:2])
    planted, missed, *_ = quality.measure(ROBOT, quick=False, data=dataset.path)
    assert (planted.p50, missed.p50) == (2, 0)
    assert len(dataset.entries) == 3
