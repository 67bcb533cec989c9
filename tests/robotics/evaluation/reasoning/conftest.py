"""One small folder of painted scenes for all tests of this folder."""

import pytest
from contracts.painted_scenes import paint_scenes

from robotics.reasoning.scenes.folder import SceneFolder


@pytest.fixture(scope="package")
def folder(tmp_path_factory) -> SceneFolder:
    return SceneFolder(
        paint_scenes(tmp_path_factory.mktemp("scenes"), scenes=6, seed=3, cameras=2, pairs=True)
    )
