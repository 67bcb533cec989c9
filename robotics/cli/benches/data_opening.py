"""How long a large dataset takes to open and to list."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from robotics.cli.benches.measurement import Measurement, distribution, timed
from robotics.cli.connect import parse_robot
from robotics.embodiments import load_embodiment

_EPISODES = 1000


def measure(robot: str, quick: bool) -> list[Measurement]:
    """A thousand complete episodes, hard links to one; in the page cache, as they were just written."""
    from demonstrations.dataset import DemonstrationDataset
    from demonstrations.index import episode_name
    from demonstrations.schema import EpisodeOutcome
    from robotics.cli.benches.data_recording import make_state

    embodiment = load_embodiment(parse_robot(robot).value)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "data"
        dataset = DemonstrationDataset.create(path, embodiment)
        with dataset.writer(embodiment) as writer:
            writer.begin(instruction="bench", task="bench")
            for tick in range(50):
                writer.append_state(make_state(embodiment, tick))
            writer.commit(EpisodeOutcome(True))
        first = path / "episodes" / episode_name(0)
        for number in range(1, _EPISODES):
            shutil.copytree(first, path / "episodes" / episode_name(number), copy_function=os.link)
        assert len(DemonstrationDataset.open(path)) == _EPISODES  # writes the index
        count = 5 if quick else 30
        return [
            distribution(
                f"open a dataset of {_EPISODES} episodes",
                "ms",
                timed(lambda: DemonstrationDataset.open(path), count),
            ),
            distribution(
                "open it and add up what `ls` shows",
                "ms",
                timed(lambda: _summarise(path), count),
                "from index.jsonl",
            ),
            distribution(
                "the same in a new process",
                "ms",
                timed(lambda: _in_new_process(path), count, 1),
                "with imports",
            ),
        ]


def _summarise(path: Path) -> dict[str, int]:
    from demonstrations.dataset import DemonstrationDataset

    ticks: Counter[str] = Counter()
    for entry in DemonstrationDataset.open(path).entries:
        ticks[entry.task] += entry.length
    return dict(ticks)


def _in_new_process(path: Path) -> None:
    code = f"from robotics.cli.benches.data_opening import _summarise, Path; _summarise(Path({str(path)!r}))"
    subprocess.run([sys.executable, "-c", code], check=True)
