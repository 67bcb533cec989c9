"""The wheel holds what an installed robot needs, and its command answers without the repository."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the tracked sources, without the network and without touching the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        if not name.startswith("tests/") and (REPOSITORY / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((REPOSITORY / name).read_bytes())
    built = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"),
            *("--wheel-dir", str(folder), str(source)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_code_robots_and_protocols_but_no_tests(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "robotics/cli/main.py",
        "robotics/embodiments/aloha2/embodiment.toml",
        "robotics/embodiments/aloha2/model.xml",
        "robotics/embodiments/franka_duo/embodiment.toml",
        "demonstrations/dataset.py",
        "policies/__init__.py",
        "sim/robot.py",
    ):
        assert wanted in names
    protos = {
        p.relative_to(REPOSITORY).as_posix() for p in REPOSITORY.glob("robotics/bridge/protos/**/*.proto")
    }
    assert protos <= names
    assert not any(name.startswith(("tests/", "datasets/")) for name in names)


def test_the_unpacked_wheel_answers_and_knows_its_robots(wheel: Path, tmp_path: Path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import sys; sys.path.insert(0, '.'); import robotics;"
        "assert robotics.__file__.startswith(sys.argv[1]);"
        "from robotics.cli.main import main; sys.exit(main(['embodiment', 'list']))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "aloha2" in done.stdout
    assert "franka_duo" in done.stdout
