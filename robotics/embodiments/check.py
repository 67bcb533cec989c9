"""What is wrong with a user's robot: one embodiment TOML and its MJCF, checked line by line.

The checks go from the file to the moving robot; each stage needs the one before it:

1. the TOML is read (`robotics.embodiment`);
2. the MJCF compiles and has every name, limit and actuator that the TOML speaks of (`check_model`);
3. the simulated robot holds its home and its grippers open and close (`check_motion`);
4. its tools reach the workspace (`check_reach`);
5. the guard lets it work (`check_guard`).
"""

from dataclasses import dataclass
from pathlib import Path

import mujoco

from robotics.embodiment import Embodiment, load_embodiment_file
from robotics.embodiments.check_guard import check_guard
from robotics.embodiments.check_model import check_model
from robotics.embodiments.check_motion import check_motion
from robotics.embodiments.check_reach import check_reach
from robotics.errors import EmbodimentError, UnknownNameError


@dataclass(frozen=True)
class CheckReport:
    """The answer to "will this robot work?"."""

    source: Path
    """The TOML file."""
    problems: tuple[str, ...]
    """What must be mended, one line each."""
    notes: tuple[str, ...]
    """What is worth knowing, one line each."""

    @property
    def passed(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        """One line a problem, one a note, then the verdict."""
        count = len(self.problems)
        verdict = f"{count} problem{'s' if count > 1 else ''}" if count else "no problems"
        return "\n".join(
            (
                *(f"problem: {line}" for line in self.problems),
                *(f"note: {line}" for line in self.notes),
                f"{self.source}: {verdict}",
            )
        )


def check_embodiment(path: Path | str) -> CheckReport:
    """Check an embodiment file and its model; a wrong file is reported, never raised.

    Args:
        path: The TOML file; the MJCF lies beside it under the name that the TOML gives.
    """
    path = Path(path)
    problems: list[str] = []
    notes: list[str] = []
    try:
        embodiment = load_embodiment_file(path)
    except EmbodimentError as error:
        return CheckReport(path, error.problems, ())
    model = _compile(embodiment, problems)
    if model is not None:
        check_model(embodiment, model, problems, notes)
        if not problems:  # a robot with wrong names or actuators cannot be moved
            check_motion(embodiment, model, problems, notes)
            check_reach(embodiment, model, problems, notes)
            check_guard(embodiment, model, problems, notes)
    return CheckReport(path, tuple(problems), tuple(notes))


def _compile(embodiment: Embodiment, problems: list[str]) -> mujoco.MjModel | None:
    path = embodiment.model_path
    if not path.is_file():
        beside = sorted(p.name for p in embodiment.source.parent.glob("*.xml"))
        problems.append(str(UnknownNameError("model file", embodiment.model, beside, owner=embodiment.name)))
        return None
    try:
        return mujoco.MjModel.from_xml_path(str(path))
    except (ValueError, mujoco.FatalError) as error:
        problems.append(f"model '{embodiment.model}' does not compile: {' '.join(str(error).split())}")
        return None
