"""A folder of scenes several times over."""

from collections.abc import Iterator

from robotics.reasoning.scenes.folder import SceneFolder, SceneView


class Repeated:
    """Iterates over a folder's views so many times; each time they are new to a reasoner."""

    def __init__(self, folder: SceneFolder, passes: int):
        self._folder, self._passes = folder, passes

    def __iter__(self) -> Iterator[SceneView]:
        for _ in range(self._passes):
            yield from self._folder
