"""Plants every fault and tells which are found, and what else is claimed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from demonstrations.dataset import DemonstrationDataset
from demonstrations.quality.check import judge, measure_dataset
from demonstrations.quality.findings import DatasetQuality
from demonstrations.quality.measurement import EpisodeMeasurement
from demonstrations.quality.planted.dataset_faults import DATASET_FAULTS, EPISODES, DatasetFault
from demonstrations.quality.planted.disk import rewrite_attributes
from demonstrations.quality.planted.faults import EPISODE_FAULTS, Fault
from demonstrations.quality.planted.recording import Recording, make_dataset, make_recording, write_recording
from robotics.embodiment import Embodiment

_FAULTY = 1000
"""Number given to the faulty episode among the clean ones."""


@dataclass(frozen=True)
class PlantedFault:
    """What became of one planted fault."""

    name: str
    check: str
    """That must find it."""
    found: bool
    text: str
    """The finding in words; '' where it was not found."""
    consequences: tuple[str, ...]
    """Other checks that found the same fault by what it causes."""
    false_alarms: tuple[str, ...]
    """Findings about something that was not planted."""

    @property
    def held(self) -> bool:
        return self.found and not self.false_alarms


class PlantedSuite:
    """Clean episodes in `folder`, into which one fault after another is planted."""

    def __init__(self, folder: Path, embodiment: Embodiment):
        self.folder = folder
        self.embodiment = embodiment
        self.dataset = self._write("clean", [make_recording(embodiment, seed) for seed in range(EPISODES)])
        self.clean = tuple(measure_dataset(self.dataset, embodiment))

    def check_clean(self) -> DatasetQuality:
        """What is found where nothing was planted."""
        return judge(self.dataset, list(self.clean), self.embodiment)

    def run_all(
        self,
        episode_faults: Sequence[Fault] = EPISODE_FAULTS,
        dataset_faults: Sequence[DatasetFault] = DATASET_FAULTS,
        tell: Callable[[PlantedFault], None] = lambda row: None,
    ) -> Iterator[PlantedFault]:
        """One row a fault; `tell` hears each as it comes."""
        for run, faults in ((self.run, episode_faults), (self.run_dataset, dataset_faults)):
            for fault in faults:
                row = run(fault)
                tell(row)
                yield row

    def run(self, fault: Fault) -> PlantedFault:
        """Write the faulty episode, and judge it among the clean ones."""
        dataset = self._write(f"{len(list(self.folder.iterdir()))}", [fault.make(self.embodiment)])
        if fault.alter is not None:
            fault.alter(dataset.path / "episodes" / dataset.entries[0].name)
        (measured,) = measure_dataset(dataset, self.embodiment)
        quality = judge(self.dataset, [*self.clean, _numbered(measured)], self.embodiment)
        return _row(fault, quality, about=_FAULTY)

    def run_dataset(self, fault: DatasetFault) -> PlantedFault:
        """Write the faulty dataset, and judge it."""
        recordings = [fault.make(self.embodiment, i) for i in range(EPISODES)]
        dataset = self._write(f"{len(list(self.folder.iterdir()))}", recordings)
        quality = judge(dataset, list(measure_dataset(dataset, self.embodiment)), self.embodiment)
        return _row(fault, quality, about=None)

    def _write(self, name: str, recordings: list[Recording]) -> DemonstrationDataset:
        dataset = make_dataset(self.folder / name, self.embodiment)
        for recording in recordings:
            index = write_recording(recording, dataset, self.embodiment)
            if recording.attributes:
                rewrite_attributes(
                    dataset.path / "episodes" / dataset.entries[index].name, recording.attributes
                )
        return dataset


def _numbered(measured: EpisodeMeasurement) -> EpisodeMeasurement:
    return replace(measured, number=_FAULTY)


def _row(fault: Fault | DatasetFault, quality: DatasetQuality, about: int | None) -> PlantedFault:
    """Findings of the faulty episode, or of the dataset where `about` is None, against what is expected."""
    own = [f for e in quality.episodes for f in e.findings if about in (None, e.number)]
    others = [f for e in quality.episodes for f in e.findings if about not in (None, e.number)]
    expected = [f for f in (*own, *quality.findings) if f.check == fault.check]
    rest = [f for f in (*own, *quality.findings, *others) if f.check != fault.check or f in others]
    return PlantedFault(
        fault.name,
        fault.check,
        bool(expected),
        str(expected[0]) if expected else "",
        tuple(sorted({f.check for f in rest if f.check in fault.also})),
        tuple(str(f"{f.check}: {f}") for f in rest if f.check not in fault.also),
    )
