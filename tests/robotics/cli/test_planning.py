"""The planner by its names on the command line, and the depth that it looks with."""

from pathlib import Path

import pytest

from policies.planner.program.code_check import ProgramError
from robotics.cli.connect import UsageError, connect, is_planner, with_reasoner
from robotics.cli.planning import open_planner
from robotics.embodiments import load_embodiment
from robotics.errors import UnknownNameError


@pytest.mark.parametrize(
    "policy, reasoner, name",
    [
        ("planner", None, "planner"),
        ("planner", "gemini", "planner:gemini"),
        ("planner", "vlm:models/mine", "planner:vlm:models/mine"),
        ("program:tidy.py", "embedded", "program:tidy.py:embedded"),
        ("expert", None, "expert"),
    ],
)
def test_a_reasoner_is_named_with_the_policy(policy: str, reasoner: str | None, name: str):
    assert with_reasoner(policy, reasoner) == name


def test_a_policy_that_asks_no_reasoner_is_given_none():
    with pytest.raises(UsageError, match="the policy 'expert' asks none"):
        with_reasoner("expert", "gemini")


def test_only_the_planner_is_one():
    assert [is_planner(p) for p in ("planner", "planner:gemini", "program:x.py", "expert", "planners")] == [
        *(True, True, True, False, False)
    ]


def test_bad_names_are_refused_in_one_line(tmp_path: Path):
    embodiment = load_embodiment("aloha2")
    with pytest.raises(UnknownNameError, match="no reasoner 'oracle'"):
        open_planner("planner:oracle", embodiment)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        open_planner(f"program:{tmp_path}/none.py", embodiment)
    (tmp_path / "bad.py").write_text("import os")
    with pytest.raises(ProgramError, match="'import' is not allowed"):
        open_planner(f"program:{tmp_path}/bad.py", embodiment)
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="it is no text"):
        open_planner(f"program:{tmp_path}/bytes.py", embodiment)


@pytest.mark.parametrize("depth", [True, False])
def test_a_simulated_robot_has_depth_where_it_is_wanted(depth: bool):
    session = connect("sim:aloha2", lockstep=True, depth=depth)
    try:
        session.reset("stack_blocks", 0)
        frame = session.observe(("overhead",)).images["overhead"]
    finally:
        session.close()
    assert (frame.depth is not None) == depth
    if frame.depth is not None:
        assert frame.depth.shape == frame.image.shape[:2]
        assert 0.5 < float(frame.depth.min()) < 1.5
