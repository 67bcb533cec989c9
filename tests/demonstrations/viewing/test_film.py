"""Films of episodes: every moment once, every camera, and the words that belong to it."""

import av
import numpy as np
import pytest
from contracts.demonstration_episodes import PERIOD_NS, append_ticks, make_dataset, make_state
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.schema import EpisodeOutcome
from demonstrations.viewing.film import TILE_HEIGHT, tile_grid, write_film
from demonstrations.viewing.panel import PANEL_HEIGHT, EpisodePanel
from robotics.errors import UnknownNameError
from robotics.session import Event, EventKind


def pictures(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_a_film_plays_as_long_as_the_episode_and_shows_all_cameras(tmp_path):
    episode = make_dataset(tmp_path / "data", episodes=1, ticks=40).episode(0)
    count = write_film(episode, fake_embodiment(), tmp_path / "film.mp4")
    shown = pictures(tmp_path / "film.mp4")
    assert len(shown) == count == 20  # 25 a second over 40 ticks at 50 Hz
    height, width = shown[0].shape[:2]
    rows = 1 if len(episode.cameras) < 3 else 2
    assert height == rows * TILE_HEIGHT + PANEL_HEIGHT
    assert width >= 640
    # frame k of make_image is k + 20 bright, with a slope of 20; each tile follows its own camera
    for k in (0, 9, 19):
        middle = shown[k][TILE_HEIGHT // 2, 200].mean()
        assert k + 18 <= middle <= k + 42


def test_cameras_are_chosen_by_name(tmp_path):
    episode = make_dataset(tmp_path / "data", episodes=1).episode(0)
    write_film(episode, None, tmp_path / "film.mp4", cameras=["overhead"])
    assert pictures(tmp_path / "film.mp4")[0].shape[0] == TILE_HEIGHT + PANEL_HEIGHT
    with pytest.raises(UnknownNameError, match="no camera 'top'"):
        write_film(episode, None, tmp_path / "none.mp4", cameras=["top"])
    assert not (tmp_path / "none.mp4").exists()


def test_an_episode_without_pictures_still_has_a_film_of_its_joints(tmp_path):
    dataset = DemonstrationDataset.create(tmp_path / "data", fake_embodiment(), [])
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin(instruction="nothing to see")
        append_ticks(writer, range(10))
        writer.commit(EpisodeOutcome(None))
    assert write_film(dataset.episode(0), None, tmp_path / "film.mp4") > 0
    assert pictures(tmp_path / "film.mp4")[0].shape[0] == PANEL_HEIGHT


def test_missing_ticks_make_the_film_stand_and_not_run_faster(tmp_path):
    dataset = DemonstrationDataset.create(tmp_path / "data", fake_embodiment(), [])
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin(instruction="a gap")
        append_ticks(writer, range(10))
        append_ticks(writer, range(30, 40))
        writer.commit(EpisodeOutcome(None))
    count = write_film(dataset.episode(0), None, tmp_path / "film.mp4", frame_rate=25)
    assert count == 20


def test_tiles_of_different_widths_fit_into_one_picture():
    tiles = [np.full((TILE_HEIGHT, width, 3), 9, np.uint8) for width in (401, 300, 399)]
    assert tile_grid(tiles).shape == (2 * TILE_HEIGHT, 702, 3)
    assert tile_grid(tiles[:2]).shape == (TILE_HEIGHT, 702, 3)
    assert tile_grid([]).size == 0


def test_the_panel_follows_the_row_and_shows_events_while_they_are_new(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin(instruction="turn")
        for tick in range(200):
            events = (Event(EventKind.SUBTASK, "grasp", 20 * PERIOD_NS),) if tick == 20 else ()
            writer.append_state(make_state(tick, events=events))
        writer.commit(EpisodeOutcome(True))
    panel = EpisodePanel(dataset.episode(0), fake_embodiment(), 640)
    before, during, after = (panel.draw(row) for row in (10, 30, 190))
    assert before.shape == (PANEL_HEIGHT, 640, 3)
    events = slice(PANEL_HEIGHT - 20, None)
    assert (during[events] != before[events]).any()
    np.testing.assert_array_equal(after[events], before[events])
    assert (during[:70] != before[:70]).any()  # time and tick
