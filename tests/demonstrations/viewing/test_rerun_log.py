"""Rerun is optional: without it one clear line; with it, every picture, curve and event is handed over."""

import sys
from types import SimpleNamespace

import pytest
from contracts.demonstration_episodes import make_dataset
from contracts.fake_embodiment import fake_embodiment

from demonstrations.viewing.rerun_log import ViewerMissingError, show_in_rerun


def test_without_rerun_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rerun", None)
    episode = make_dataset(tmp_path / "data", episodes=1).episode(0)
    with pytest.raises(ViewerMissingError, match=r"pip install 'robotics\[rerun\]'.*--out film.mp4"):
        show_in_rerun(episode, fake_embodiment().action_names)


class Stream:
    def __init__(self, name):
        self.logged, self.columns, self.times, self.spawned, self.saved = [], [], [], False, None
        Stream.last = self

    def spawn(self):
        self.spawned = True

    def save(self, path):
        self.saved = path

    def set_time(self, timeline, *, duration):
        self.times.append(duration)

    def log(self, path, value):
        self.logged.append((path, value))

    def send_columns(self, path, times, values):
        self.columns.append((path, times, values))

    def flush(self):
        pass


def test_pictures_go_undecoded_and_curves_whole(tmp_path, monkeypatch):
    """Against a double of the few calls used; the real package wrote and read back recordings by hand."""
    double = SimpleNamespace(
        RecordingStream=Stream,
        EncodedImage=lambda contents, media_type: ("picture", contents, media_type),
        TextLog=lambda text: ("text", text),
        TextDocument=lambda text: ("document", text),
        TimeColumn=lambda name, duration: duration,
        Scalars=SimpleNamespace(columns=lambda scalars: scalars),
    )
    monkeypatch.setitem(sys.modules, "rerun", double)
    episode = make_dataset(tmp_path / "data", episodes=1).episode(0)
    names = fake_embodiment().action_names
    show_in_rerun(episode, names, tmp_path / "out/episode.rrd")
    stream = Stream.last
    assert not stream.spawned
    assert stream.saved == str(tmp_path / "out/episode.rrd")
    sent = [value for path, value in stream.logged if path == "cameras/overhead"]
    assert sent == [("picture", jpeg, "image/jpeg") for jpeg in episode.jpegs("overhead", range(10))]
    assert len(stream.columns) == 4 * len(names)
    path, times, values = stream.columns[0]
    assert path == f"{names[0]}/position"
    assert list(values) == list(episode.position[:, 0])
    assert times[0][-1] == pytest.approx(19 * 0.02)
    show_in_rerun(episode, names)
    assert Stream.last.spawned
