"""A dataset in an object store: read where it lies."""

import json
from pathlib import Path
from typing import Any, NoReturn, cast

from demonstrations.dataset import DemonstrationDataset
from demonstrations.index import read_index
from demonstrations.schema import DatasetDescription
from demonstrations.storage import ObjectPath
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError


class RemoteDataset(DemonstrationDataset):
    """Opens with three small requests; episodes, ticks and frames are fetched when asked for.

    Its index is what it holds: `copy_dataset` lists an episode there once every file of it has arrived.
    Nothing can be recorded or edited there.
    """

    def __init__(self, place: ObjectPath, description: DatasetDescription):
        # what reads a dataset uses no method of Path that ObjectPath lacks
        super().__init__(cast(Path, place), description)

    @staticmethod
    def open_remote(place: ObjectPath, embodiment: Embodiment | None = None) -> "RemoteDataset":
        """As `DemonstrationDataset.open`."""
        dataset = RemoteDataset(place, DatasetDescription.read(cast(Path, place / "dataset.json")))
        if embodiment is not None:
            dataset.check_embodiment(embodiment)
        dataset.refresh()
        return dataset

    def refresh(self) -> None:
        """Fetch the index again."""
        hidden = _hidden(self.path / "versions.jsonl")
        entries = read_index(self.path / "index.jsonl")
        latest = {entry.number: entry for entry in entries}
        self._committed = [latest[number] for number in sorted(latest)]
        self._entries = [entry for entry in self._committed if entry.number not in hidden]

    def publish(self, staged: Path) -> NoReturn:
        raise DatasetError(
            f"{self.path} lies in an object store; record to a disk, then `robotics data copy`"
        )

    def writer(self, embodiment: Embodiment, **options: Any) -> NoReturn:
        raise DatasetError(
            f"{self.path} lies in an object store; record to a disk, then `robotics data copy`"
        )


def _hidden(versions: Path) -> set[int]:
    """Numbers of the episodes that the current version does not show."""
    try:
        lines = versions.read_bytes().splitlines()
        return set(json.loads(lines[-1])["hidden"]) if lines else set()
    except FileNotFoundError:
        return set()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{versions} is damaged ({error})") from error
