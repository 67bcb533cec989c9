"""The benches of recording, on a small robot: what they feed, what they check, what they notice."""

import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest
from contracts.demonstration_episodes import make_dataset

from demonstrations.dataset import DemonstrationDataset
from robotics.cli.benches import crash
from robotics.cli.benches.feed import FedSession, make_pictures, make_state
from robotics.cli.benches.record import _count_frames, _peer_cpu_ms, _with_cameras
from robotics.embodiments import load_embodiment


def test_the_feeding_process_sends_every_tick_and_picture_in_order(tmp_path: Path):
    embodiment = _with_cameras(load_embodiment("aloha2"), tmp_path)
    assert {(c.height, c.width, c.rate_hz) for c in embodiment.camera} == {(480, 640, 50.0)}
    pictures = make_pictures(480, 640)
    with FedSession(embodiment) as fed:
        states = fed.states()
        seen = [next(states) for _ in range(20)]
        frames = fed.frames(embodiment.camera_names)
        found = [next(frames) for _ in range(8)]
    assert [state.joints.tick for state in seen] == list(range(seen[0].joints.tick, seen[0].joints.tick + 20))
    times = np.diff([state.joints.time_ns for state in seen])
    assert set(times.tolist()) == {20_000_000}
    assert {camera for camera, _ in found} <= set(embodiment.camera_names)
    for _, frame in found:
        assert any(np.array_equal(frame.image, picture) for picture in pictures)
    assert fed.fed_frames > 0


def test_a_killed_recorder_loses_nothing_committed(tmp_path: Path):
    embodiment = load_embodiment("aloha2")
    path = tmp_path / "data"
    DemonstrationDataset.create(path, embodiment, dict.fromkeys(embodiment.camera_names, crash._SIZE))
    context = multiprocessing.get_context("forkserver")
    known = crash._record_and_kill(context, embodiment, path, 0, 0.4)
    dataset = DemonstrationDataset.open(path)
    assert {n: c for n, c in known.items() if dataset.entries[n].checksum != c} == {}
    losses = crash._Losses()
    frames = sum(crash._check(dataset, index, embodiment, losses) for index in range(len(dataset)))
    assert frames > 0
    assert losses == crash._Losses()


def test_what_is_wrong_is_noticed(tmp_path: Path):
    embodiment = load_embodiment("aloha2")
    path = tmp_path / "data"
    dataset = DemonstrationDataset.create(path, embodiment, {"overhead": crash._SIZE})
    from demonstrations.schema import EpisodeOutcome
    from robotics.observation import CameraFrame

    with dataset.writer(embodiment) as writer:
        writer.begin()
        for tick in range(3):
            shade = np.full(
                (*crash._SIZE, 3), 200 if tick == 1 else crash._DARK + crash._STEP * tick, np.uint8
            )
            writer.append_frame("overhead", CameraFrame(shade, tick * embodiment.control_period_ns))
            writer.append_state(make_state(embodiment, tick + (tick == 2), tick))
        writer.commit(EpisodeOutcome(True))
    losses = crash._Losses()
    assert crash._check(dataset, 0, embodiment, losses) == 3
    assert (losses.frames, losses.ticks, losses.problems) == (1, 1, 0)
    shard = next(path.glob("episodes/*/images/overhead/c*"))
    data = bytearray(shard.read_bytes())
    data[40] ^= 0xFF
    shard.write_bytes(data)
    crash._check(dataset, 0, embodiment, losses)
    assert losses.problems == 1
    assert losses.frames > 1


def test_ticks_without_a_picture_are_counted(tmp_path: Path):
    dataset = make_dataset(
        tmp_path / "data", episodes=1, ticks=20
    )  # pictures of two cameras every other tick
    cameras = len(dataset.camera_names)
    assert _count_frames(dataset, 0) == (10 * cameras, 10 * cameras)


def test_without_the_peer_there_is_no_figure_but_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("ROBOTICS_PEERS_PYTHON", raising=False)
    found, why = _peer_cpu_ms("default", tmp_path, 10, 0, 4)
    assert found is None
    assert "ROBOTICS_PEERS_PYTHON" in why
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\necho no lerobot here >&2\nexit 1\n")
    os.chmod(script, 0o755)
    monkeypatch.setenv("ROBOTICS_PEERS_PYTHON", str(script))
    assert _peer_cpu_ms("default", tmp_path, 10, 0, 4) == (None, "failed: no lerobot here")
    script.write_text('#!/bin/sh\necho \'{"cpu_s": 0.5, "wall_s": 1.0, "dropped": 8}\'\n')
    found, note = _peer_cpu_ms("streaming", tmp_path, 10, 0, 4)
    assert found == pytest.approx(0.5 / 8 * 1e3)  # of the steps that it kept
    assert "8 frames dropped" in note
