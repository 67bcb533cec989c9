"""The robots that ship with the project, one folder each, and the way to a user's own TOML file."""

from pathlib import Path

from robotics.embodiment import Embodiment, load_embodiment_file
from robotics.errors import UnknownNameError

_FOLDER = Path(__file__).parent


def embodiment_names() -> tuple[str, ...]:
    """Names of the built-in embodiments."""
    return tuple(sorted(path.parent.name for path in _FOLDER.glob("*/embodiment.toml")))


def load_embodiment(name_or_path: str | Path) -> Embodiment:
    """A built-in embodiment by name, or a user's by the path of its TOML file.

    Raises:
        UnknownNameError: No built-in embodiment has that name and it is not a .toml path.
        EmbodimentError: The file is wrong.
    """
    text = str(name_or_path)
    if text.endswith(".toml"):
        return load_embodiment_file(text)
    if text not in embodiment_names():
        raise UnknownNameError("embodiment", text, (*embodiment_names(), "a path ending in .toml"))
    return load_embodiment_file(_FOLDER / text / "embodiment.toml")
