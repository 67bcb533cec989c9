"""A part of an episode: ticks and pictures are the same bytes, and nothing is claimed that was not judged."""

from dataclasses import replace

import numpy as np
import pytest
import zarr
from contracts.demonstration_episodes import PERIOD_NS, make_dataset, make_image, make_state
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.editing.rows import RowRange, copy_rows
from demonstrations.editing.transaction import Edit
from demonstrations.schema import EpisodeOutcome
from demonstrations.verify import verify
from robotics.errors import DatasetError
from robotics.observation import CameraFrame
from robotics.session import Event, EventKind


def cut(dataset, index, start, end):
    episode = dataset.episode(index)
    with Edit(dataset, "cut") as edit:
        copy_rows(
            episode,
            RowRange(start, end),
            edit.new_episode(),
            dataset.description,
            edit=f"trim {start}:{end}",
        )
        version = edit.commit([episode.number])
    return dataset.episode(dataset.index_of(version.made[0]))


def record_with_events(dataset, *events, frames_every=2):
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin(task="turn_left_arm", seed=3)
        for tick in range(20):
            if tick % frames_every == 0:
                for camera in dataset.camera_names:
                    writer.append_frame(camera, CameraFrame(make_image(tick), tick * PERIOD_NS))
            due = tuple(event for event in events if event.time_ns == tick * PERIOD_NS)
            writer.append_state(make_state(tick, events=due))
        return writer.commit(EpisodeOutcome(True, 1.0, "success"))


def event(kind, text, tick, **data):
    return Event(kind, text, tick * PERIOD_NS, data)


@pytest.mark.parametrize(("start", "end"), [(0, 7), (5, 20), (6, 7), (3, 18), (0, 20)])
@pytest.mark.parametrize("frames_every", [1, 2, 3])
def test_every_row_keeps_its_values_and_its_picture(tmp_path, start, end, frames_every):
    dataset = make_dataset(tmp_path / "data")
    whole = dataset.episode(record_with_events(dataset, frames_every=frames_every))
    part = cut(dataset, 0, start, end)
    assert len(part) == end - start
    for name in whole.state:
        np.testing.assert_array_equal(part.state[name], whole.state[name][start:end])
        assert part.state[name].dtype == whole.state[name].dtype
    for camera in whole.cameras:
        times = part.image_time_ns(camera)
        assert times[-1] < end * PERIOD_NS
        assert (times >= start * PERIOD_NS).sum() >= len(times) - 1
        for row, frame in enumerate(part.frame_of_rows(camera)):
            before = whole.frame_of_rows(camera)[start + row]
            assert part.jpegs(camera, [int(frame)]) == whole.jpegs(camera, [int(before)])
            assert times[frame] == whole.image_time_ns(camera)[before]
    assert verify(dataset) == []
    assert part.metadata.derived_from == (whole.checksum,)
    assert part.metadata.edit == f"trim {start}:{end}"
    opened = zarr.open_group(part.path, mode="r")
    assert opened["images/overhead"].shape[0] == part.metadata.cameras["overhead"].frames  # pyright: ignore


def test_the_parts_of_a_split_are_the_whole(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    whole = dataset.episode(0)
    with Edit(dataset, "split 0 8 13") as edit:
        for a, b in ((0, 8), (8, 13), (13, 20)):
            copy_rows(whole, RowRange(a, b), edit.new_episode(), dataset.description, edit=f"split {a}:{b}")
        edit.commit([0])
    parts = list(dataset)
    assert [part.number for part in parts] == [1, 2, 3]
    for name in whole.state:
        np.testing.assert_array_equal(np.concatenate([part.state[name] for part in parts]), whole.state[name])


def test_a_judgement_that_lies_in_what_is_cut_off_is_not_kept(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    record_with_events(dataset, event(EventKind.OUTCOME, "success", 14))
    part = cut(dataset, 0, 0, 14).metadata
    assert (part.success, part.outcome) == (None, "")
    assert part.progress == make_state(13).task.progress  # pyright: ignore[reportOptionalMemberAccess]
    record_with_events(dataset, event(EventKind.OUTCOME, "success", 14))
    part = cut(dataset, 1, 0, 15).metadata
    assert (part.success, part.outcome) == (True, "success")
    record_with_events(dataset)
    assert cut(dataset, 2, 4, 20).metadata.success is True


def test_what_was_in_force_at_the_first_row_begins_there(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    record_with_events(
        dataset,
        event(EventKind.EPISODE, "turn_left_arm", 0, seed="3"),
        event(EventKind.SUBTASK, "reach", 2),
        event(EventKind.INTERVENTION, "start", 3),
        event(EventKind.INTERVENTION, "end", 5),
        event(EventKind.SUBTASK, "grasp", 6),
        event(EventKind.NOTE, "late", 16),
    )
    events = cut(dataset, 0, 10, 15).metadata.events
    assert [(e.kind, e.text, e.time_ns // PERIOD_NS) for e in events] == [(EventKind.SUBTASK, "grasp", 10)]
    assert events[0].data == {"began_ns": str(6 * PERIOD_NS)}
    record_with_events(dataset, event(EventKind.INTERVENTION, "start", 3), event(EventKind.NOTE, "in", 12))
    events = cut(dataset, 1, 10, 15).metadata.events
    assert [e.text for e in events] == ["start", "in"]


def test_dropped_frames_and_truncation_follow_the_part(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    episode = dataset.episode(0)
    camera = replace(episode.metadata.cameras["overhead"], dropped_time_ns=(3 * PERIOD_NS, 11 * PERIOD_NS))
    episode.metadata = replace(
        episode.metadata, truncated=True, cameras={**episode.metadata.cameras, "overhead": camera}
    )
    with Edit(dataset, "two parts") as edit:
        for a, b in ((0, 10), (10, 20)):
            copy_rows(episode, RowRange(a, b), edit.new_episode(), dataset.description, edit="part")
        edit.commit([0])
    first, second = (part.metadata for part in dataset)
    assert first.cameras["overhead"].dropped_time_ns == (3 * PERIOD_NS,)
    assert second.cameras["overhead"].dropped_time_ns == (11 * PERIOD_NS,)
    assert (first.truncated, second.truncated) == (False, True)


def test_what_cannot_be_cut_is_refused_and_leaves_nothing(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    episode = dataset.episode(0)
    with pytest.raises(DatasetError, match="has ticks 0:20, wanted 5:21"):
        cut(dataset, 0, 5, 21)
    with pytest.raises(DatasetError, match="at least one tick, got 5:5"):
        RowRange(5, 5)
    packed = replace(episode.metadata.cameras["overhead"], encoding="h264")
    episode.metadata = replace(episode.metadata, cameras={"overhead": packed})
    with (
        pytest.raises(DatasetError, match="'overhead' is stored as h264"),
        Edit(dataset, "trim") as edit,
    ):
        copy_rows(episode, RowRange(0, 5), edit.new_episode(), dataset.description, edit="trim")
    (episode.path / "audio").mkdir()
    with pytest.raises(DatasetError, match="holds audio"):
        cut(dataset, 0, 0, 5)
    assert [*(dataset.path / "edits").iterdir()] == []
    assert DemonstrationDataset.open(dataset.path).version.version == 0
