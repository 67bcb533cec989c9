"""The page: complete, without outside parts, safe against texts from elsewhere, and sortable."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment

from demonstrations.quality import check_dataset
from demonstrations.quality.planted.made_up import make_dataset, make_recording
from demonstrations.quality.planted.motion_faults import MOTION_FAULTS
from demonstrations.quality.planted.recording import write_recording
from demonstrations.quality.report import page
from demonstrations.quality.report.svg import polyline
from robotics.errors import DatasetError

_VOID = {"meta", "img", "input", "link", "br", "hr"}


class _Nesting(HTMLParser):
    """Every element is closed where it should be."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    from dataclasses import replace

    embodiment = fake_embodiment()
    dataset = make_dataset(tmp_path_factory.mktemp("page") / "a <b> & c", embodiment)
    (standing,) = (fault for fault in MOTION_FAULTS if fault.check == "idle_head")
    write_recording(make_recording(embodiment, 0), dataset, embodiment)
    evil = replace(make_recording(embodiment, 1), instruction='"><script>alert(1)</script>')
    write_recording(standing.change(evil, embodiment), dataset, embodiment)
    return dataset


@pytest.fixture(scope="module")
def text(dataset) -> str:
    return page.render_report(dataset, check_dataset(dataset, fake_embodiment()), fake_embodiment())


def test_it_is_one_well_formed_file(text):
    parser = _Nesting()
    parser.feed(text)
    assert parser.open == []
    assert parser.links
    assert all(link.startswith("data:image/jpeg;base64,") for link in parser.links)
    assert "http" not in text


def test_texts_from_the_dataset_are_escaped(text):
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "a &lt;b&gt; &amp; c" in text


def test_the_worst_episode_comes_first_with_its_reason_and_remedy(text):
    bodies = re.findall(r'<tbody class="episode" data-number="(\d+)"', text)
    assert bodies == ["1", "0"]
    assert "idle_head" in text
    assert re.search(r"robotics data trim .* 1 \d+:\d+</code>", text)
    assert text.count('class="sheet"') == 2
    assert text.count('<figure class="joint">') == 2 * fake_embodiment().action_dim
    assert 'class="cut"' in text


def test_every_column_can_be_sorted_by(text):
    heads = set(re.findall(r'<th data-sort="(\w+)"', text))
    keys = set(re.findall(r"data-(\w+)=", re.search(r'<tbody class="episode"[^>]*>', text).group(0)))  # type: ignore
    assert heads
    assert heads <= keys


def test_damaged_episodes_are_listed_without_plots(tmp_path, dataset):
    import shutil

    from demonstrations import DemonstrationDataset

    shutil.copytree(dataset.path, tmp_path / "d")
    copy = DemonstrationDataset.open(tmp_path / "d")
    shutil.rmtree(tmp_path / "d" / "episodes" / copy.entries[0].name / "state" / "position")
    text = page.render_report(copy, check_dataset(copy, fake_embodiment()), fake_embodiment())
    assert "error damaged" in text
    assert text.count('<figure class="joint">') == fake_embodiment().action_dim


def test_large_datasets_get_details_of_the_worst_only(dataset, monkeypatch):
    monkeypatch.setattr(page, "DETAILED", 1)
    text = page.render_report(dataset, check_dataset(dataset, fake_embodiment()), fake_embodiment())
    assert "Pictures and plots of the 1 worst only" in text
    assert text.count('class="sheet"') == 1


def test_a_page_that_cannot_be_written_is_one_line(dataset, tmp_path):
    quality = check_dataset(dataset, fake_embodiment(), pictures=False)
    with pytest.raises(DatasetError, match="cannot be written: Is a directory"):
        page.write_report(tmp_path, dataset, quality)


def test_a_thinned_line_keeps_the_extremes():
    values = np.zeros(5000)
    values[1234], values[4321] = 1.0, -1.0
    heights = {
        point.split(",")[1] for point in re.findall(r"[\d.]+,[\d.]+", polyline(values, -1, 1, "measured"))
    }
    assert {"3.0", "61.0"} <= heights
