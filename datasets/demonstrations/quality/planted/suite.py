"""Plants every fault and tells which are found, and what else is claimed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from demonstrations.dataset import DemonstrationDataset
from demonstrations.quality.check import judge, measure_dataset
from demonstrations.quality.findings import DatasetQuality, Finding
from demonstrations.quality.planted.dataset_faults import DATASET_FAULTS, EPISODES, DatasetFault
from demonstrations.quality.planted.disk import rewrite_attributes
from demonstrations.quality.planted.fault import Fault
from demonstrations.quality.planted.faults import EPISODE_FAULTS
from demonstrations.quality.planted.made_up import make_dataset, make_recording
from demonstrations.quality.planted.recording import Recording, read_recording, write_recording
from robotics.embodiment import Embodiment

_FAULTY = 1_000_000
"""Number given to the faulty episode among the clean ones."""

_MADE_UP_SEED = 500
"""Of the recording that faults are planted into; clean ones count from 0."""


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
    """Clean episodes, and one fault after another planted into a copy of one of them.

    The clean ones are made up, or those of a dataset that was recorded.
    """

    def __init__(self, folder: Path, embodiment: Embodiment, recorded: DemonstrationDataset | None = None):
        """
        Args:
            folder: Faulty episodes are written here.
            recorded: Episodes that are clean, eight or more, of this embodiment.

        Raises:
            DatasetError: There is no episode, or one is damaged.
        """
        self.folder = folder
        self.embodiment = embodiment
        self._written = 0
        self.recorded = recorded
        if recorded is None:
            self.dataset = self._write([make_recording(embodiment, seed) for seed in range(EPISODES)])
        else:
            self.dataset = recorded
        self.clean = tuple(measure_dataset(self.dataset, embodiment))
        self.clean_quality = judge(self.dataset, list(self.clean), embodiment)
        """What is found where nothing was planted."""

    def run_all(
        self,
        episode_faults: Sequence[Fault] = EPISODE_FAULTS,
        dataset_faults: Sequence[DatasetFault] = DATASET_FAULTS,
        tell: Callable[[PlantedFault], None] = lambda row: None,
    ) -> Iterator[PlantedFault]:
        """One row a fault; `tell` hears each as it comes."""
        for fault in (*episode_faults, *dataset_faults):
            row = self.run(fault) if isinstance(fault, Fault) else self.run_dataset(fault)
            tell(row)
            yield row

    def run(self, fault: Fault, victim: int = 1) -> PlantedFault:
        """Write the faulty episode, and judge it among the clean ones.

        Args:
            victim: Index of the recorded episode that the fault is planted into.
        """
        dataset = self._write([fault.change(self._victim(0 if fault.of_first else victim), self.embodiment)])
        if fault.alter is not None:
            fault.alter(dataset.path / "episodes" / dataset.entries[0].name)
        (measured,) = measure_dataset(dataset, self.embodiment)
        original = self.dataset.entries[victim].number
        # a copy among the clean ones would be found as such: the faulty episode takes its original's place
        others = [m for m in self.clean if self.recorded is None or fault.of_first or m.number != original]
        quality = judge(self.dataset, [*others, replace(measured, number=_FAULTY)], self.embodiment)
        return _row(fault, quality, self.clean_quality, about=_FAULTY)

    def run_dataset(self, fault: DatasetFault) -> PlantedFault:
        """Write a made-up dataset that is faulty as a whole, and judge it."""
        dataset = self._write([fault.make(self.embodiment, i) for i in range(EPISODES)], made_up=True)
        quality = judge(dataset, list(measure_dataset(dataset, self.embodiment)), self.embodiment)
        return _row(fault, quality, None, about=None)

    def _victim(self, index: int) -> Recording:
        if self.recorded is not None:
            return read_recording(self.recorded.episode(index))
        return make_recording(self.embodiment, 0 if index == 0 else _MADE_UP_SEED)

    def _write(self, recordings: list[Recording], *, made_up: bool = False) -> DemonstrationDataset:
        self._written += 1
        path = self.folder / f"{self._written}"
        if self.recorded is None or made_up:
            dataset = make_dataset(path, self.embodiment)
        else:
            cameras = self.recorded.description.cameras
            sizes = {camera.name: (camera.height, camera.width) for camera in cameras}
            rate = min((camera.rate_hz for camera in cameras), default=None)
            dataset = DemonstrationDataset.create(path, self.embodiment, sizes, camera_rate_hz=rate)
        for recording in recordings:
            index = write_recording(recording, dataset, self.embodiment)
            if recording.attributes:
                rewrite_attributes(
                    dataset.path / "episodes" / dataset.entries[index].name, recording.attributes
                )
        return dataset


def _row(
    fault: Fault | DatasetFault, quality: DatasetQuality, clean: DatasetQuality | None, about: int | None
) -> PlantedFault:
    """What was found of the faulty episode (of all where `about` is None), and what is new beside it."""
    known = set() if clean is None else {_key(f) for f in clean.findings}
    known_of = {} if clean is None else {e.number: {_key(f) for f in e.findings} for e in clean.episodes}
    own = [f for e in quality.episodes for f in e.findings if about in (None, e.number)]
    own += [f for f in quality.findings if _key(f) not in known]
    others = [
        f
        for e in quality.episodes
        for f in e.findings
        if about not in (None, e.number) and _key(f) not in known_of.get(e.number, ())
    ]
    expected = [f for f in own if f.check == fault.check]
    rest = [*(f for f in own if f.check != fault.check), *others]
    return PlantedFault(
        fault.name,
        fault.check,
        bool(expected),
        str(expected[0]) if expected else "",
        tuple(sorted({f.check for f in rest if f.check in fault.also})),
        tuple(f"{f.check}: {f}" for f in rest if f.check not in fault.also),
    )


def _key(finding: Finding) -> tuple[str, str]:
    return finding.check, finding.where
