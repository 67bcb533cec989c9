"""Small folders of scenes in the format of docs/scenes.md, painted without physics: boxes on a table.

Ray casting of upright boxes in NumPy, so that tests need neither MuJoCo nor a GPU; every box is called by
a family and has its colour, mugs have a handle.
"""

import json
import math
from pathlib import Path

import numpy as np

from robotics.pinhole import Intrinsics, project
from robotics.pose import Pose
from robotics.reasoning.language.families import COLOURS, is_held_out
from robotics.reasoning.scenes.facts import TABLE

WIDTH, HEIGHT = 160, 120
FAMILIES = ("cube", "block", "mug", "box", "ball", "plate", "bottle")
SIZES = {
    "cube": (0.05, 0.05, 0.05),
    "block": (0.08, 0.04, 0.04),
    "mug": (0.08, 0.08, 0.09),
    "box": (0.12, 0.09, 0.07),
    "ball": (0.06, 0.06, 0.06),
    "plate": (0.14, 0.14, 0.02),
    "bottle": (0.05, 0.05, 0.16),
}
RGB = {
    colour: np.array([(37 * i) % 200 + 40, (91 * i) % 200 + 30, (53 * i) % 200 + 20])
    for i, colour in enumerate(COLOURS)
}


def paint_scenes(
    folder: Path, scenes: int, seed: int = 0, cameras: int = 1, held_out: bool = False, pairs: bool = False
) -> Path:
    """Write a folder of scenes, in shards of 20 views.

    Args:
        cameras: Views of each scene, from different sides.
        held_out: Take held-out colours for each family where there are some.
        pairs: Each scene twice, its first thing pushed to the left (or, every other time, not).
    """
    rng = np.random.default_rng(seed)
    lines, pictures = [], []
    for scene in range(scenes):
        objects = _layout(rng, held_out)
        poses = [_camera(rng, side) for side in range(cameras)]
        for moment in range(2 if pairs else 1):
            change = None
            if pairs:
                achieved = scene % 2 == 0
                text = f"push the {objects[0]['colour']} {objects[0]['family']} to the left"
                change = {
                    "verb": "push",
                    "object": 1,
                    "goal": None,
                    "achieved": achieved,
                    "instruction": text,
                }
                if moment == 1 and achieved:
                    objects[0]["center"][0] -= 0.12
            for name, pose in zip(("overhead", "wrist_left", "wrist_right"), poses, strict=False):
                k = Intrinsics(150.0, 150.0, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT)
                rgb, depth, ids, facts = _paint(objects, pose, k)
                pictures.append((rgb, depth, ids))
                lines.append(
                    {
                        **{"scene": scene, "seed": seed + scene, "kind": "clutter", "moment": moment},
                        **{"change": change, "robot": None, "objects": facts},
                        "camera": {
                            "name": name,
                            "intrinsics": [k.fx, k.fy, k.cx, k.cy],
                            "position": pose.position.tolist(),
                            "quaternion": pose.quaternion.tolist(),
                        },
                    }
                )
    for start in range(0, len(lines), 20):
        shard = folder / "shards" / f"{start // 20:06d}"
        shard.mkdir(parents=True)
        for index, name in enumerate(("rgb", "depth", "ids")):
            np.save(shard / f"{name}.npy", np.stack([p[index] for p in pictures[start : start + 20]]))
        (shard / "facts.jsonl").write_text("".join(json.dumps(x) + "\n" for x in lines[start : start + 20]))
    about = {
        **{"format": "robotics.scenes/1", "generator": "painted", "seed": seed, "scenes": scenes},
        **{"views": len(lines), "width": WIDTH, "height": HEIGHT, "held_out": "allowed"},
        **{"command": "", "software": {}},
    }
    (folder / "scenes.json").write_text(json.dumps(about))
    return folder


def _layout(rng: np.random.Generator, held_out: bool) -> list[dict]:
    objects: list[dict] = []
    wanted = int(rng.integers(4, 8))
    while len(objects) < wanted:
        family = FAMILIES[rng.integers(len(FAMILIES))]
        colours = [c for c in COLOURS if is_held_out(c, family) == held_out] or list(COLOURS)
        x, y = rng.uniform([-0.3, -0.2], [0.3, 0.25])
        size = np.array(SIZES[family]) * rng.choice([0.8, 1.0, 1.3])
        if any(math.hypot(x - o["center"][0], y - o["center"][1]) < 0.11 for o in objects):
            continue
        yaw = rng.uniform(-math.pi, math.pi)
        quaternion = [math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)]
        center = [float(x), float(y), float(size[2] / 2)]
        handle = np.array([math.cos(yaw), math.sin(yaw), 0]) * size[0] * 0.5 + center
        objects.append(
            {
                **{"id": len(objects) + 1, "family": family, "pattern": "plain"},
                "colour": colours[rng.integers(len(colours))],
                **{"center": center, "size": size.tolist(), "quaternion": quaternion},
                **{"symmetry": 4 if size[0] == size[1] else 2, "support": 0, "inside": 0, "grasps": []},
                "parts": [
                    {
                        **{"name": "handle", "center": handle.tolist()},
                        **{"size": [0.03, 0.09, 0.12], "quaternion": quaternion},
                    }
                ]
                if family == "mug"
                else [],
            }
        )
    return objects


def _camera(rng: np.random.Generator, side: int) -> Pose:
    azimuth = rng.uniform(-0.4, 0.4) + 0.8 * side
    position = np.array([0.75 * math.sin(azimuth), -0.75 * math.cos(azimuth), 0.6])
    forward = -position / np.linalg.norm(position)
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    return Pose.from_matrix(np.column_stack([right, np.cross(forward, right), forward]), position)


def _paint(objects: list[dict], pose: Pose, k: Intrinsics) -> tuple[np.ndarray, np.ndarray, np.ndarray, list]:
    columns, rows = np.meshgrid(np.arange(k.width) + 0.5, np.arange(k.height) + 0.5)
    rays = np.stack([(columns - k.cx) / k.fx, (rows - k.cy) / k.fy, np.ones_like(rows)], -1) @ pose.rotation.T
    ids = np.zeros(rays.shape[:2], np.uint8)
    nearest = np.full(rays.shape[:2], np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        table = -pose.position[2] / rays[..., 2]
    at = pose.position + rays * table[..., None]
    on_table = (table > 0) & (np.abs(at[..., 0]) < 0.6) & (np.abs(at[..., 1]) < 0.4)
    nearest[on_table], ids[on_table] = table[on_table], TABLE
    alone = {}
    for thing in objects:
        way = _hit(thing, pose.position, rays)
        alone[thing["id"]] = np.isfinite(way).sum()
        closer = way < nearest
        nearest[closer], ids[closer] = way[closer], thing["id"]
    rgb = np.full((*ids.shape, 3), 90, np.uint8)
    rgb[ids == TABLE] = (170, 150, 120)
    facts = []
    for thing in objects:
        mask = ids == thing["id"]
        rgb[mask] = RGB[thing["colour"]]
        row, column = np.nonzero(mask)
        box = (
            [int(column.min()), int(row.min()), int(column.max()) + 1, int(row.max()) + 1]
            if len(row)
            else None
        )
        centre = project(np.array(thing["center"]), pose.rotation, pose.position, k)
        facts.append(
            {
                **thing,
                "center": list(thing["center"]),
                "rgb": (RGB[thing["colour"]] / 255).tolist(),
                **{"pixels": int(mask.sum()), "visible": float(mask.sum() / max(1, alone[thing["id"]]))},
                **{"box": box, "cut": not (5 < centre[0] < k.width - 5 and 5 < centre[1] < k.height - 5)},
            }
        )
    depth = np.where(np.isfinite(nearest), nearest, 0.0)
    return rgb, np.round(depth * 1e4).clip(0, 65535).astype(np.uint16), ids, facts


def _hit(thing: dict, origin: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """Depth along the optical axis at which rays meet a box, inf where they do not."""
    w, _, _, z = thing["quaternion"]
    yaw = 2 * math.atan2(z, w)
    turn = np.array([[math.cos(yaw), -math.sin(yaw), 0], [math.sin(yaw), math.cos(yaw), 0], [0, 0, 1]])
    start = (origin - np.array(thing["center"])) @ turn
    with np.errstate(divide="ignore"):
        inverse = 1 / (rays @ turn)
    half = np.array(thing["size"]) / 2
    a, b = (-half - start) * inverse, (half - start) * inverse
    enter, leave = np.minimum(a, b).max(-1), np.maximum(a, b).min(-1)
    return np.where((enter <= leave) & (enter > 0), enter, np.inf)
