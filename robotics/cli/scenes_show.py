"""`robotics scenes show`: a contact sheet of generated scenes with their ground truth drawn."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from robotics.errors import RoboticsError


@dataclass(frozen=True)
class Arguments:
    """Draw views of a scene folder with boxes, 3D boxes, parts and ids on one picture.

    Example:
      robotics scenes show data/scenes --output sheet.png
    """

    folder: tyro.conf.Positional[Path]
    """Made by `robotics scenes make`."""
    output: Path = Path("scenes.png")
    """The picture."""
    first: int = 0
    """Number of the first view."""
    count: int = 12
    """So many views, each beside its ids."""
    columns: int = 3
    """Views side by side."""


def main(arguments: Arguments) -> int:
    import cv2

    from robotics.reasoning.scenes.folder import SceneFolder
    from robotics.reasoning.scenes.sheet import contact_sheet

    folder = SceneFolder(arguments.folder)
    if not 0 <= arguments.first < len(folder):
        raise RoboticsError(f"--first wants 0 to {len(folder) - 1}, got {arguments.first}")
    if arguments.count < 1 or arguments.columns < 1:
        raise RoboticsError("--count and --columns want at least 1")
    last = min(len(folder), arguments.first + arguments.count)
    sheet = contact_sheet([folder[i] for i in range(arguments.first, last)], arguments.columns)
    try:
        written = cv2.imwrite(str(arguments.output), sheet[..., ::-1])
    except cv2.error:
        written = False
    if not written:
        raise RoboticsError(
            f"cannot write '{arguments.output}': wanted a .png or .jpg in a folder that exists"
        )
    print(f"{arguments.output}: views {arguments.first} to {last - 1} of {len(folder)}")
    return 0
