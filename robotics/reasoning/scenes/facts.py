"""What is true of one view of a generated scene: a line of `facts.jsonl`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from robotics.pose import Pose
from robotics.reasoning.answers import Quaternion, Vector
from robotics.reasoning.spatial import Placed

TABLE, ROBOT = 250, 251
"""In the picture of ids."""
FEWEST_PIXELS = 40
"""A thing that shows fewer is not asked about."""


@dataclass(frozen=True)
class PartFacts:
    """A part's box in the world."""

    name: str
    center: Vector
    size: Vector
    quaternion: Quaternion


@dataclass(frozen=True)
class ObjectFacts:
    """One thing of a scene, seen or not."""

    id: int
    family: str
    colour: str
    pattern: str
    center: Vector
    """Of its box in the world [m]."""
    size: Vector
    """[m]"""
    quaternion: Quaternion
    """Of its box, wxyz."""
    symmetry: int
    """Turns about its z that look alike: 0 any angle."""
    support: int
    inside: int
    parts: tuple[PartFacts, ...]
    pixels: int
    """That show."""
    visible: float
    """Part of its silhouette that shows, 0..1."""
    box: tuple[float, float, float, float] | None
    """Left, top, right, bottom of what shows [pixel]."""
    is_cut: bool
    """By the image's border."""

    @property
    def placed(self) -> Placed:
        """The upright box around it."""
        return Placed.from_box(
            self.center, self.size, self.quaternion, f"{self.colour} {self.family}", self.symmetry == 0
        )

    @property
    def is_seen(self) -> bool:
        """Well enough to be asked about."""
        return self.pixels >= FEWEST_PIXELS


@dataclass(frozen=True)
class ViewFacts:
    """One picture of a scene."""

    scene: int
    seed: int
    kind: str
    moment: int
    change: Mapping[str, Any] | None
    camera: str
    intrinsics: tuple[float, float, float, float]
    """fx, fy, cx, cy [pixel]."""
    camera_in_world: Pose
    robot: str | None
    objects: tuple[ObjectFacts, ...]

    def object(self, object_id: int) -> ObjectFacts:
        """
        Raises:
            KeyError: There is no such thing.
        """
        for thing in self.objects:
            if thing.id == object_id:
                return thing
        raise KeyError(object_id)


def parse_facts(line: str) -> ViewFacts:
    """
    Raises:
        ValueError: The line is not as docs/scenes.md says; which key.
    """
    try:
        data = json.loads(line)
        camera = data["camera"]
        fx, fy, cx, cy = (float(v) for v in camera["intrinsics"])
        pose = Pose(np.array(camera["position"], float), np.array(camera["quaternion"], float))
        return ViewFacts(
            *(int(data["scene"]), int(data["seed"]), data["kind"], int(data["moment"]), data["change"]),
            *(camera["name"], (fx, fy, cx, cy), pose, data["robot"]),
            tuple(_object(entry) for entry in data["objects"]),
        )
    except KeyError as error:
        raise ValueError(f"key {error} is missing") from None
    except (TypeError, AttributeError) as error:
        raise ValueError(f"of another type than documented: {error}") from None


def _object(data: Mapping[str, Any]) -> ObjectFacts:
    box = data["box"]
    return ObjectFacts(
        id=int(data["id"]),
        family=data["family"],
        colour=data["colour"],
        pattern=data["pattern"],
        center=_vector(data["center"]),
        size=_vector(data["size"]),
        quaternion=_quaternion(data["quaternion"]),
        symmetry=int(data["symmetry"]),
        support=int(data["support"]),
        inside=int(data["inside"]),
        parts=tuple(
            PartFacts(p["name"], _vector(p["center"]), _vector(p["size"]), _quaternion(p["quaternion"]))
            for p in data["parts"]
        ),
        pixels=int(data["pixels"]),
        visible=float(data["visible"]),
        box=None if box is None else (float(box[0]), float(box[1]), float(box[2]), float(box[3])),
        is_cut=bool(data["cut"]),
    )


def _vector(values: Any) -> Vector:
    x, y, z = (float(v) for v in values)
    return x, y, z


def _quaternion(values: Any) -> Quaternion:
    w, x, y, z = (float(v) for v in values)
    return w, x, y, z
