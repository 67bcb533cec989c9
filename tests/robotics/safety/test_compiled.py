"""Machine code is kept for exactly the sources that it was made of, and only where it can be."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from contracts.fake_embodiment import fake_embodiment

from robotics.action import ActionChunk
from robotics.bridge import interpolation
from robotics.bridge.benchmark import WeightlessRobot
from robotics.bridge.control import ControlLoop
from robotics.clock import SteppedClock
from robotics.safety import following
from robotics.safety.compiled import cache_folder


def test_a_changed_source_gets_a_folder_of_its_own(tmp_path: Path):
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "called.py").write_text("LIMIT = 1.0\n")
    before = cache_folder((tmp_path / "cache",), sources)
    assert before == cache_folder((tmp_path / "cache",), sources)
    (sources / "called.py").write_text("LIMIT = 2.0\n")
    after = cache_folder((tmp_path / "cache",), sources)
    assert before and after and before != after


def test_the_first_folder_that_can_be_made_is_taken_and_none_is_no_error(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    found = cache_folder((blocked / "cache", tmp_path / "home"), tmp_path)
    assert found and Path(found).parent == tmp_path / "home"
    assert cache_folder((blocked / "cache",), tmp_path) is None


def test_a_function_follows_a_change_in_another_file_that_it_calls(tmp_path: Path):
    package = tmp_path / "robotics_copy"
    package.mkdir()
    source = Path(interpolation.__file__).parents[1] / "safety" / "compiled.py"
    (package / "__init__.py").write_text("")
    (package / "compiled.py").write_text(source.read_text())
    header = "from robotics_copy.compiled import compiled\n"
    outer = "from robotics_copy.inner import inner\n\n\n@compiled\ndef outer(x):\n    return inner(x) + 1.0\n"
    (package / "outer.py").write_text(header + outer)
    found = []
    for factor in (2.0, 3.0):
        inner = f"{header}\n\n@compiled\ndef inner(x):\n    return {factor} * x\n"
        (package / "inner.py").write_text(inner)
        command = "from robotics_copy.outer import outer; print(outer(10.0))"
        run = subprocess.run(
            [sys.executable, "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        found.append(float(run.stdout))
    assert found == [21.0, 31.0]


def test_nothing_is_compiled_any_more_once_the_control_loop_stands():
    embodiment, clock = fake_embodiment(), SteppedClock("test")
    loop = ControlLoop(WeightlessRobot(embodiment), clock)
    entries = (
        following.stand_still,
        following.follow_course,
        following.brake,
        following.stop_positions,
        following.foresee,
        interpolation._sample,
        interpolation._hull,
    )
    assert [len(entry.signatures) for entry in entries] == [1] * len(entries)  # pyright: ignore[reportFunctionMemberAccess]
    positions = np.tile(embodiment.home + 0.01, (20, 1)).astype(np.float32)[::2]  # neither dense nor doubles
    positions.setflags(write=False)
    fingerprint, period_ns = embodiment.interface_fingerprint, embodiment.control_period_ns
    for tick in range(30):
        if tick in (3, 8):
            loop.submit(ActionChunk(positions, loop.next_time_ns, period_ns, "test", fingerprint))
        loop.tick(lambda _: None)
        clock.advance(period_ns)
        if tick == 10:
            loop.hold()
    loop.stop("test")
    loop.begin_tick()
    assert [len(entry.signatures) for entry in entries] == [1] * len(entries)  # pyright: ignore[reportFunctionMemberAccess]
