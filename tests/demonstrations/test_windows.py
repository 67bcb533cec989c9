"""A sample shows what the episode holds around its tick, from the cache or decoded, in any process."""

import multiprocessing
import pickle

import numpy as np
import pytest
from contracts.demonstration_episodes import PERIOD_NS, make_dataset, make_image, make_state, record_episode
from contracts.fake_embodiment import fake_embodiment

from demonstrations.schema import EpisodeOutcome
from demonstrations.view import CameraView
from demonstrations.windows import DemonstrationWindows, WindowConfig
from robotics.errors import DatasetError, UnknownNameError
from robotics.observation import CameraFrame
from robotics.session import Event, EventKind

VIEWS = {"overhead": CameraView(12, 16), "wrist_left": CameraView(8, 8, (0.0, 0.0, 0.5, 1.0))}
CONFIG = WindowConfig(
    VIEWS, horizon=6, image_offsets=(-3, 0), state_offsets=(-2, -1, 0), state=("position", "velocity")
)


@pytest.fixture
def dataset(tmp_path):
    return make_dataset(tmp_path / "data", episodes=3, ticks=20)


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for key, value in one.items():
        pairs = (
            [(value[c], other[key][c]) for c in value] if isinstance(value, dict) else [(value, other[key])]
        )
        for a, b in pairs:
            np.testing.assert_array_equal(a, b)


def test_a_sample_holds_what_the_episode_holds_around_its_tick(dataset):
    windows = DemonstrationWindows(dataset, CONFIG)
    assert len(windows) == 60
    sample = windows[20 + 9]
    assert (sample["episode"], sample["row"], sample["instruction"]) == (1, 9, "turn the left arm")
    states = [make_state(tick, seed=1) for tick in range(20)]
    for k in range(6):
        np.testing.assert_array_equal(sample["action"][k], states[9 + k].intended.astype(np.float32))
    for k, tick in enumerate((7, 8, 9)):
        joints = states[tick].joints
        wanted = np.concatenate([joints.position, joints.velocity]).astype(np.float32)
        np.testing.assert_array_equal(sample["state"][k], wanted)
    episode = dataset.episode(1)
    for camera, view in VIEWS.items():
        for k, frame in enumerate((3, 4)):  # the newest at ticks 6 and 9; a frame every other tick
            wanted = view.apply(episode.frame(camera, frame))
            np.testing.assert_array_equal(sample["images"][camera][k], wanted)
        assert sample["image_age_s"][camera].tolist() == pytest.approx([0.0, 0.02])
    assert not any(sample[key].any() for key in ("action_padded", "state_padded", "action_dim_padded"))


def test_beyond_the_ends_of_an_episode_it_repeats_and_says_so(dataset):
    windows = DemonstrationWindows(dataset, CONFIG)
    first, last = windows[20], windows[39]
    assert first["state_padded"].tolist() == [True, True, False]
    assert first["image_padded"]["overhead"].tolist() == [True, False]
    np.testing.assert_array_equal(first["state"][0], first["state"][2])
    assert last["action_padded"].tolist() == [False] + [True] * 5
    np.testing.assert_array_equal(last["action"], np.tile(last["action"][0], (6, 1)))
    assert_equal(windows[-1], windows[59])


def test_strides_thin_out_chunks_and_samples(dataset):
    windows = DemonstrationWindows(
        dataset, WindowConfig(VIEWS, horizon=3, action_stride=4, sample_stride=7, action="applied")
    )
    assert len(windows) == 9  # rows 0, 7, 14 of each episode
    sample = windows[4]
    assert (sample["episode"], sample["row"]) == (1, 7)
    for k, tick in enumerate((7, 11, 15)):
        np.testing.assert_array_equal(sample["action"][k], make_state(tick, 1).applied.astype(np.float32))


def test_the_cache_shows_what_decoding_shows_and_a_batch_what_its_samples_show(dataset, tmp_path):
    decoded = DemonstrationWindows(dataset, CONFIG)
    cached = DemonstrationWindows(dataset, CONFIG, cache=tmp_path / "cache")
    batch = cached[[3, 41, 3]]
    assert batch["images"]["overhead"].shape == (3, 2, 12, 16, 3)
    for position, index in enumerate((3, 41, 3)):
        assert_equal(decoded[index], cached[index])
        for key, value in cached[index].items():
            part = {c: v[position] for c, v in batch[key].items()} if isinstance(value, dict) else None
            assert_equal({key: value}, {key: part or batch[key][position]})


def test_each_camera_is_shown_at_its_own_times_and_a_dead_one_is_padded(dataset, tmp_path):
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        for tick in range(12):
            writer.append_state(make_state(tick))
            if tick % 5 == 1:
                writer.append_frame("overhead", CameraFrame(make_image(10 * tick), tick * PERIOD_NS))
        index = writer.commit(EpisodeOutcome(True))
    for cache in (None, tmp_path / "cache"):
        windows = DemonstrationWindows(dataset, WindowConfig(VIEWS, horizon=2), cache=cache, episodes=[index])
        shown = [
            round((float(w["images"]["overhead"].mean()) - 30) / 10)
            for w in map(windows.__getitem__, range(12))
        ]
        assert shown == [1] * 6 + [6] * 5 + [11]
        assert [bool(windows[i]["image_padded"]["overhead"][0]) for i in range(3)] == [True, False, False]
        assert windows[8]["image_padded"]["wrist_left"].tolist() == [True]
        assert not windows[8]["images"]["wrist_left"].any()


def test_a_missing_tick_is_answered_by_the_one_before_it(dataset):
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        for tick in (0, 1, 2, 5, 6):
            writer.append_state(make_state(tick))
        index = writer.commit(EpisodeOutcome(True))
    windows = DemonstrationWindows(dataset, WindowConfig({}, horizon=5), episodes=[index])
    sample = windows[1]
    for k, tick in enumerate((1, 2, 2, 2, 5)):
        np.testing.assert_array_equal(sample["action"][k], make_state(tick).intended.astype(np.float32))
    assert not sample["action_padded"].any()


def test_a_subtask_lasts_until_the_next_begins(dataset):
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        for tick in range(9):
            begins = {3: "reach", 6: "grasp"}.get(tick)
            events = (Event(EventKind.SUBTASK, begins, tick * PERIOD_NS),) if begins else ()
            writer.append_state(make_state(tick, events=events))
        index = writer.commit(EpisodeOutcome(True))
    windows = DemonstrationWindows(dataset, WindowConfig({}), episodes=[index])
    assert [windows[i]["subtask"] for i in range(9)] == [""] * 3 + ["reach"] * 3 + ["grasp"] * 3


def test_an_intervention_lasts_from_its_start_to_its_end_or_that_of_the_episode(dataset):
    said = {2: "start", 5: "end", 7: "start"}
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        for tick in range(9):
            events = (
                (Event(EventKind.INTERVENTION, said[tick], tick * PERIOD_NS - 5),) if tick in said else ()
            )
            writer.append_state(make_state(tick, events=events))
        index = writer.commit(EpisodeOutcome(True))
    windows = DemonstrationWindows(dataset, WindowConfig({}), episodes=[index])
    assert [windows[i]["intervention"] for i in range(9)] == [k in (2, 3, 4, 7, 8) for k in range(9)]
    assert windows[list(range(9))]["intervention"].sum() == 5


def test_only_demonstrations_are_learned_from_and_the_identity_says_which(dataset):
    everything = DemonstrationWindows(dataset, CONFIG)
    assert everything.identity == dataset.dataset_identity()
    with dataset.writer(fake_embodiment()) as writer:
        record_episode(writer, seed=9, success=False)
    assert DemonstrationWindows(dataset, CONFIG).identity == everything.identity
    assert DemonstrationWindows(dataset, CONFIG, episodes=[0]).identity != everything.identity


def test_a_pickled_copy_reads_the_same_and_carries_no_pictures(dataset, tmp_path):
    for cache in (None, tmp_path / "cache"):
        windows = DemonstrationWindows(dataset, CONFIG, cache=cache)
        sample = windows[7]
        data = pickle.dumps(windows)
        assert_equal(pickle.loads(data)[7], sample)
    images = np.prod((60, 12, 16, 3))
    assert len(data) < images


def _read(windows, index, results):
    results.put(windows[index])


@pytest.mark.parametrize("cached", [True, False])
def test_a_forked_process_reads_the_same(dataset, tmp_path, cached):
    windows = DemonstrationWindows(dataset, CONFIG, cache=tmp_path / "cache" if cached else None)
    sample = windows[31]
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    processes = [context.Process(target=_read, args=(windows, 31, results)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        assert_equal(results.get(), sample)
        process.join()


def test_torch_loads_it_in_worker_processes_that_are_spawned(dataset, tmp_path):
    from torch.utils.data import DataLoader

    from demonstrations.sample_order import SampleOrder

    windows = DemonstrationWindows(dataset, CONFIG, cache=tmp_path / "cache")
    order = SampleOrder.of(windows, batch=16, seed=3)
    loader = DataLoader(
        windows,  # pyright: ignore[reportArgumentType]
        batch_size=None,
        sampler=order,
        num_workers=1,
        multiprocessing_context="spawn",
    )
    batches = list(loader)
    assert [b["images"]["overhead"].shape[0] for b in batches] == [16] * 4
    for batch, indices in zip(batches, order, strict=True):
        assert_equal(
            {k: v for k, v in windows[indices].items() if k == "action"}, {"action": batch["action"].numpy()}
        )


def test_torch_collates_samples_as_well(dataset):
    from torch.utils.data import DataLoader

    windows = DemonstrationWindows(dataset, CONFIG)
    batch = next(iter(DataLoader(windows, batch_size=4)))  # pyright: ignore[reportArgumentType]
    assert batch["images"]["overhead"].shape == (4, 2, 12, 16, 3)
    assert batch["row"].tolist() == [0, 1, 2, 3]
    assert batch["instruction"] == ["turn the left arm"] * 4


def test_wrong_options_are_refused(dataset, tmp_path):
    with pytest.raises(DatasetError, match="'horizon' must be at least 1, got 0"):
        WindowConfig(VIEWS, horizon=0)
    with pytest.raises(DatasetError, match=r"'image_offsets' wants ticks <= 0 and at least one, got \(1,\)"):
        WindowConfig(VIEWS, image_offsets=(1,))
    with pytest.raises(UnknownNameError, match="no camera 'top'"):
        DemonstrationWindows(dataset, WindowConfig({"top": CameraView(4, 4)}))
    with pytest.raises(UnknownNameError, match="no state array 'torque'"):
        DemonstrationWindows(dataset, WindowConfig(VIEWS, state=("torque",)))
    with pytest.raises(DatasetError, match="no episode to learn from"):
        DemonstrationWindows(dataset, CONFIG, episodes=[])
    with pytest.raises(IndexError, match="60 windows, no index 60"):
        DemonstrationWindows(dataset, CONFIG)[60]
    shard = dataset.episode(0).path / "images/overhead/c.0.0.0.0"
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(DatasetError, match="damaged"):
        DemonstrationWindows(dataset, CONFIG)[0]
    with pytest.raises(DatasetError, match="damaged"):
        DemonstrationWindows(dataset, CONFIG, cache=tmp_path / "cache")
