"""The Node client of docs/clients/node moves a real robot process, and says why where it cannot."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from robotics.bridge.client import GrpcSession

REPOSITORY = Path(__file__).parents[2]
CLIENT = REPOSITORY / "docs" / "clients" / "node"
PROTOS = REPOSITORY / "robotics" / "bridge" / "protos"
INSTALL_TIMEOUT_S = 240
NO_REGISTRY = re.compile(
    r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|E50\d"
)


@pytest.fixture(scope="module")
def client(pytestconfig: pytest.Config) -> Path:
    """The client beside its packages, which are kept between runs."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node or npm is not installed")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < 20:
        pytest.skip(f"the client wants node 20 or newer, this is {version}")
    assert pytestconfig.cache is not None
    lock = hashlib.sha256((CLIENT / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = Path(pytestconfig.cache.mkdir(f"node-client-{lock}"))
    for name in ("package.json", "package-lock.json", "client.mjs"):
        shutil.copy(CLIENT / name, folder)
    if not (folder / "installed").exists():
        install(folder)
        (folder / "installed").touch()
    return folder / "client.mjs"


def install(folder: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=INSTALL_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm's registry does not answer in time")
    if done.returncode and (why := NO_REGISTRY.search(done.stderr)):
        pytest.skip(f"npm's registry does not answer ({why.group()})")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def address(client: Path) -> Iterator[str]:
    """A robot as a user serves it."""
    command = [sys.executable, "-m", "robotics.cli.main", "serve", "robot", "--robot", "sim:aloha2"]
    with subprocess.Popen(
        [*command, "--port", "0"], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as robot:
        assert robot.stderr is not None
        said = ""
        for line in robot.stderr:
            said += line
            if found := re.search(r"in real time at (\S+);", line):
                yield found.group(1)
                break
        else:
            raise AssertionError(f"the robot does not start:\n{said}")
        os.killpg(robot.pid, signal.SIGINT)
        robot.communicate(timeout=60)


def run(client: Path, address: str) -> subprocess.CompletedProcess[str]:
    command = ["node", str(client), address, str(PROTOS)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_it_moves_a_joint_of_each_arm_and_brings_it_back(client: Path, address: str):
    with GrpcSession(address) as watcher:
        names = watcher.describe().embodiment.action_names
        before = watcher.state()
        states = watcher.states()
        done = run(client, address)
        assert done.returncode == 0, done.stdout + done.stderr
        last, seen = watcher.state().joints.tick, []
        for state in states:
            seen.append(state)
            if state.joints.tick >= last:
                break
        assert watcher.lease_owner() == ""
    for joint, name in enumerate(names):
        went = max(abs(state.joints.position[joint] - before.joints.position[joint]) for state in seen)
        left = abs(seen[-1].joints.position[joint] - before.joints.position[joint])
        assert (went > 0.05) == (name in ("left/waist", "right/waist")) and left < 0.02, name
    assert "round trip median" in done.stdout


def test_a_robot_that_somebody_leads_is_one_line_and_does_not_move(client: Path, address: str):
    with GrpcSession(address, client_name="anna") as leader:
        leader.hold()
        before = leader.state().joints.position
        done = run(client, address)
        assert done.returncode == 1
        assert "anna" in done.stderr and done.stderr.count("\n") == 1
        assert abs(leader.state().joints.position - before).max() < 0.02


def test_the_lock_file_names_no_other_registry_than_the_public_one():
    urls = re.findall(r'"resolved": "([^"]*)"', (CLIENT / "package-lock.json").read_text())
    assert all(url.startswith("https://registry.npmjs.org/") for url in urls)
