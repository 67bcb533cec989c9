"""`robotics bench reasoning`: its rows for who knows everything and for who does not, and its gallery."""

import math
from pathlib import Path

import pytest
from contracts.knowing_reasoner import KnowingReasoner
from contracts.painted_scenes import paint_scenes

from robotics.cli.benches.reasoning import measure_reasoner
from robotics.cli.benches.reasoning_rows import Rate
from robotics.cli.main import main
from robotics.reasoning.answers import Found, Point
from robotics.reasoning.errors import QueryError
from robotics.reasoning.scenes.folder import SceneFolder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> SceneFolder:
    return SceneFolder(paint_scenes(tmp_path_factory.mktemp("s"), scenes=5, seed=4, cameras=2, pairs=True))


def test_who_knows_everything_has_all_points_in_every_row(folder: SceneFolder, tmp_path: Path, capsys):
    page = tmp_path / "deep" / "gallery.html"
    rows = measure_reasoner(KnowingReasoner(folder), folder, 4, page)  # type: ignore[arg-type]
    rates = {row.what: row for row in rows if isinstance(row, Rate)}
    for what, row in rates.items():
        none_wanted = "wrong pairs" in what or "false" in what or "not parsed" in what or "refused" in what
        if "present things called" in what:
            none_wanted = True
        assert row.p50 == pytest.approx(0 if none_wanted else 100), what
        assert row.lower <= row.p50 + 1e-6
        assert row.p50 <= row.upper + 1e-6
    for what in ("pointing: relations", "2D AP50", "3D AP@50, with depth", "success AUROC"):
        assert what in rates
    assert "correspondence PCK@5 %, pictures alone" in rates
    latencies = [row for row in rows if row.unit == "ms"]
    assert [row.what.partition(":")[0] for row in latencies] == ["latency", "latency"]
    assert all(row.count for row in latencies)
    assert "| pointing: free space | 100.0 % |" in capsys.readouterr().out
    text = page.read_text()
    for heading in ("Pointing: relations", "Boxes in space", "Was it achieved?", "The same points"):
        assert heading in text
    assert text.count("data:image/jpeg;base64,") > 40
    assert "http" not in text.replace("http-equiv", "")


class Pointing(KnowingReasoner):
    """Can point only: says that nothing is there, or refuses."""

    supports = frozenset({"point"})

    def point(self, view, query: str, limit: int = 1) -> Found[Point]:
        if "mug" in query:
            raise QueryError("no mugs, please")
        return Found((), 0.2)


def test_who_can_only_point_and_finds_nothing(folder: SceneFolder):
    rows = {r.what: r for r in measure_reasoner(Pointing(folder), folder, 4)}  # type: ignore[arg-type]
    assert not any("AP" in what or "PCK" in what for what in rows)
    assert rows["pointing: attributes"].p50 == 0
    assert rows["absent things called absent"].p50 > 50
    false_positives = rows["false positives at 95 % recall"]
    assert isinstance(false_positives, Rate)
    assert false_positives.p50 == 100  # the same presence for everything tells nothing apart
    assert "AUROC 0.500" in false_positives.note
    assert not math.isnan(false_positives.lower)


def test_no_scenes_at_the_given_place_is_one_line(tmp_path: Path, capsys):
    assert main(["bench", "reasoning", "--data", str(tmp_path / "nowhere")]) == 2
    assert "no generated scenes at" in capsys.readouterr().err
