"""A recorder whose disk fills up while the robot moves at full speed says so; the robot does not notice."""

import subprocess
import sys
from pathlib import Path

from robotics.bridge.faults.scene import Scene
from robotics.embodiments import load_embodiment

RECORDER = """
import resource, signal, sys, time
from demonstrations.dataset import DemonstrationDataset
from demonstrations.recorder import Recorder
from robotics.bridge.client import GrpcSession

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that may not grow fails as a full disk does
session = GrpcSession(sys.argv[1], client_name="recorder")
embodiment = session.describe().embodiment
dataset = DemonstrationDataset.create(sys.argv[2], embodiment, ["overhead"], shard_frames=4)
recorder = Recorder(session, dataset, follow_events=False)
recorder.begin(instruction="sweep")
print("recording", flush=True)
sys.stdin.readline()
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
while not recorder.status.error:
    time.sleep(0.01)
print(recorder.status.error, flush=True)
sys.stdin.readline()
"""


def test_the_robot_goes_on_and_the_recorder_says_why_it_does_not(tmp_path: Path):
    with Scene(load_embodiment("aloha2"), cameras=True) as scene:
        recorder = subprocess.Popen(
            [sys.executable, "-c", RECORDER, scene.address, str(tmp_path / "data")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert recorder.stdin is not None and recorder.stdout is not None
        try:
            assert recorder.stdout.readline() == "recording\n"
            scene.move()

            def fill_disk() -> str:
                assert recorder.stdin is not None and recorder.stdout is not None
                recorder.stdin.write("\n")
                recorder.stdin.flush()
                return recorder.stdout.readline().strip()

            found = scene.expect_motion(fill_disk)
            assert found.report.startswith("disk full while ")
            assert not found.problem
            assert scene.check_limits(0) == ""
        finally:
            recorder.kill()
            recorder.communicate()
