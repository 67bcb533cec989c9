"""MCAP: every tick, frame and event at its robot time, read back by mcap's own reader."""

import base64
import json

import numpy as np
import pytest
from contracts.interchange_round_trip import export, make_varied_dataset
from mcap.reader import make_reader

from demonstrations.interchange.selection import ExportOptions
from robotics.errors import DatasetError


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_varied_dataset(tmp_path_factory.mktemp("data") / "set")


@pytest.fixture(scope="module")
def exported(dataset, tmp_path_factory):
    out = tmp_path_factory.mktemp("export") / "mcap"
    export(dataset, "mcap", out)
    return out


def read_messages(path):
    with path.open("rb") as file:
        messages = {}
        last = 0
        for schema, channel, message in make_reader(file).iter_messages():
            assert message.log_time >= last
            last = message.log_time
            content = json.loads(message.data)
            messages.setdefault(channel.topic, []).append(
                (message.log_time, schema.name if schema else "", content)
            )
        return messages


def test_ticks_are_exact_and_in_time(dataset, exported):
    for episode in dataset:
        messages = read_messages(exported / f"episode_{episode.number:06d}.mcap")
        joints = messages["/joint_states"]
        assert [time for time, _, _ in joints] == episode.time_ns.tolist()
        np.testing.assert_array_equal([m["position"] for _, _, m in joints], episode.position)
        np.testing.assert_array_equal([m["velocity"] for _, _, m in joints], episode.velocity)
        assert joints[0][2]["name"] == list(dataset.description.action_names)
        for target in ("requested", "applied", "intended"):
            wanted = [m["position"] for _, _, m in messages[f"/target/{target}"]]
            np.testing.assert_array_equal(wanted, episode.state[target])
        assert [m["tick"] for _, _, m in messages["/tick"]] == episode.tick.tolist()


def test_frames_are_the_stores_own_jpegs(dataset, exported):
    episode = dataset.episode(1)
    frames = read_messages(exported / "episode_000001.mcap")["/camera/wrist_left"]
    assert [time for time, _, _ in frames] == episode.image_time_ns("wrist_left").tolist()
    assert {name for _, name, _ in frames} == {"foxglove.CompressedImage"}
    jpegs = [base64.b64decode(m["data"]) for _, _, m in frames]
    assert jpegs == episode.jpegs("wrist_left", range(len(frames)))
    last = frames[-1][2]["timestamp"]
    assert last["sec"] * 10**9 + last["nsec"] == frames[-1][0]


def test_events_are_a_log(exported):
    events = read_messages(exported / "episode_000002.mcap")["/events"]
    assert [(time, m["message"], m["level"]) for time, _, m in events] == [
        (40_000_000, "subtask: reach", 2),
        (100_000_000, "fault: stuck", 4),
    ]


def test_the_episode_says_what_it_is(dataset, exported):
    with (exported / "episode_000002.mcap").open("rb") as file:
        reader = make_reader(file)
        (metadata,) = reader.iter_metadata()
        (attachment,) = reader.iter_attachments()
    assert metadata.metadata["instruction"] == "turn it back"
    attributes = json.loads(attachment.data)
    assert attributes["checksums"]["episode"] == dataset.episode(2).checksum
    assert attributes["extra"] == {"light": "dim"}


def test_rates_and_sizes_are_refused(dataset, tmp_path):
    with pytest.raises(DatasetError, match="as recorded"):
        export(dataset, "mcap", tmp_path / "out", ExportOptions(rate_hz=25))
