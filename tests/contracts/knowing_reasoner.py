"""A reasoner that looks up the truth of generated scenes: what a perfect one would answer."""

import numpy as np

from robotics.pinhole import project
from robotics.reasoning.answers import Box2D, Box3D, Correspondence, Found, Frame, Point, Success
from robotics.reasoning.language import parse_query
from robotics.reasoning.query import FreeSpace, Thing
from robotics.reasoning.scenes.folder import SceneFolder, SceneView
from robotics.reasoning.scenes.truth import free_place_mask, meant_things, part_mask
from robotics.reasoning.spatial import roomiest


class KnowingReasoner:
    """Recognises the pictures of a folder, and knows what is in them."""

    name = "knowing"
    supports = frozenset({"point", "detect", "boxes3d", "correspond", "success"})

    def __init__(self, folder: SceneFolder):
        self._scenes = {scene.view.image.tobytes(): scene for scene in folder}

    def _scene(self, view) -> SceneView:
        return self._scenes[view.image.tobytes()]

    def point(self, view, query: str, limit: int = 1) -> Found[Point]:
        parsed, scene = parse_query(query), self._scene(view)
        if parsed.unknown_words:
            return Found((), 0.5, parsed.unknown_words)
        target = parsed.target
        if isinstance(target, FreeSpace):
            ids = [meant_things(anchor, scene.facts) for anchor in target.anchors]
            if any(not i for i in ids):
                return Found((), 0.0)
            mask = free_place_mask(target, scene, [scene.facts.object(i[0]) for i in ids if i])
            place = roomiest(mask, scene.points)
            return Found((Point(place[1] + 0.5, place[0] + 0.5),), 1.0) if place else Found((), 0.0)
        assert isinstance(target, Thing)
        ids = meant_things(target, scene.facts)
        if not ids:
            return Found((), 0.0)
        mask = part_mask(scene, ids[0], target.part) if target.part else scene.ids == ids[0]
        row, column = np.argwhere(mask)[0]
        return Found((Point(column + 0.5, row + 0.5),), 1.0)

    def detect(self, view, query: str, limit: int = 50) -> Found[Box2D]:
        things = self._things(view, query)
        return Found(tuple(Box2D(*t.box, t.family) for t in things if t.box), float(len(things) > 0))

    def boxes3d(self, view, query: str, limit: int = 50) -> Found[Box3D]:
        things = self._things(view, query)
        boxes = (Box3D(t.center, t.size, t.quaternion, Frame.WORLD, t.family) for t in things)
        return Found(tuple(boxes), float(len(things) > 0))

    def _things(self, view, query: str):
        target = parse_query(query).target
        assert isinstance(target, Thing)
        return [t for t in self._scene(view).facts.objects if target.noun in ("", t.family) and t.pixels]

    def correspond(self, source, points, target) -> tuple[Correspondence, ...]:
        ours, theirs = self._scene(source), self._scene(target)
        pose, k = theirs.facts.camera_in_world, theirs.view.intrinsics
        assert k is not None
        found = []
        for point in points:
            place = ours.points[int(point.row), int(point.column)]
            column, row, _ = project(place, pose.rotation, pose.position, k)
            same = ours.facts.scene == theirs.facts.scene
            found.append(Correspondence(point, Point(column, row) if same else None))
        return tuple(found)

    def success(self, before, after, instruction: str) -> Success:
        change = self._scene(after[0]).facts.change
        assert change is not None
        return Success(change["achieved"], 0.9 if change["achieved"] else 0.1)
