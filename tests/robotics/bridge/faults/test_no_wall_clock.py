"""Control reads no wall clock: nothing that its process imports from this project names one."""

import ast
import subprocess
import sys
from pathlib import Path

LIST_MODULES = """
import sys, robotics.bridge.control_process
names = [n for n in sys.modules if n.split(".")[0] in ("robotics", "sim", "policies", "demonstrations")]
print(*(sys.modules[name].__file__ for name in names), sep="\\n")
"""
WALL_CLOCKS = {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime", "now", "utcnow", "today"}
MODULES = {"time", "datetime", "date"}


def wall_clocks_of(source: str) -> list[str]:
    """Calls such as `time.time()`, and imports such as `from time import time`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in WALL_CLOCKS:
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if name in MODULES:
                found.append(f"{name}.{node.attr}")
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "datetime"):
            found += [f"{node.module}.{alias.name}" for alias in node.names if alias.name in WALL_CLOCKS]
    return found


def test_a_wall_clock_would_be_found():
    assert wall_clocks_of("import time\nx = time.time()") == ["time.time"]
    assert wall_clocks_of("from time import time_ns") == ["time.time_ns"]
    assert wall_clocks_of("import datetime\ndatetime.datetime.now()") == ["datetime.now"]
    assert wall_clocks_of("import time\ntime.monotonic_ns()") == []


def test_no_module_of_the_control_process_reads_a_wall_clock():
    listed = subprocess.run([sys.executable, "-c", LIST_MODULES], capture_output=True, text=True, check=True)
    files = [Path(line) for line in listed.stdout.split()]
    assert len(files) > 20
    assert {str(file): wall_clocks_of(file.read_text()) for file in files} == {str(f): [] for f in files}
