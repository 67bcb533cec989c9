"""The two sides of a comparison carry the same, and a peer that is missing is said to be."""

import pytest

from robotics.cli.benches.bare_stream import BareStream
from robotics.cli.benches.measurement import distribution, ratio
from robotics.cli.benches.policy_wire import PEERS_PYTHON, InstantPolicy, compare, make_observation


def test_the_bare_stream_answers_each_request():
    bare = BareStream()
    try:
        assert len(bare.exchange(b"request", b"answer", 3, 0.001)) == 3
        assert len(bare.exchange(b"request", b"answer", 2, 0.001)) == 2
    finally:
        bare.close()
    assert bare._server.returncode == 0


def test_a_ratio_is_taken_percentile_by_percentile():
    twice = ratio("r", distribution("a", "ms", [2.0, 4.0]), distribution("b", "ms", [1.0, 2.0]))
    assert (twice.unit, twice.p50, twice.p99, twice.max) == ("x", 2.0, 2.0, 2.0)


def test_the_instant_policy_answers_the_observation():
    chunk = InstantPolicy().act(make_observation())
    assert chunk.positions.shape == (50, 14)


@pytest.mark.parametrize("python", ["", "/nowhere/python"])
def test_peers_that_are_not_installed_are_said_to_be(monkeypatch: pytest.MonkeyPatch, python: str):
    monkeypatch.setenv(PEERS_PYTHON, python)
    rows = {row.what: row for row in compare(quick=True)}
    assert rows["remote policy: observation to chunk"].count == 90
    assert {row.note for row in rows.values() if row.count == 0} == {"peer not installed"}
