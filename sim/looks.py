"""Table, floor, walls and light: plain enough to draw fast on a CPU, good enough to look at."""

import mujoco
import numpy as np

TABLE_SIZE = (1.5, 0.9)
"""Length along x and depth along y [m]: the bases of both built-in robots stand on it."""
_TABLE_THICKNESS = 0.03
_FLOOR_Z = -0.75
_BOX = mujoco.mjtGeom.mjGEOM_BOX


def _wood(width: int = 512, height: int = 256, seed: int = 7) -> np.ndarray:
    """A faint wood grain along the image's x, uint8 (height, width, 3)."""
    rng = np.random.default_rng(seed)
    across = np.arange(height)[:, None] / height
    along = np.arange(width)[None] / width
    bend = 0.02 * np.sin(2 * np.pi * (along + 0.3 * across))
    grain = np.zeros((height, width))
    for frequency, strength in ((9, 0.35), (23, 0.25), (57, 0.2), (111, 0.12)):
        grain += strength * np.sin(2 * np.pi * (frequency * (across + bend) + rng.random()))
    grain += 0.15 * rng.standard_normal((height, 1))
    base, dark = np.array([206.0, 178.0, 142.0]), np.array([8.0, 9.0, 9.0])
    return np.clip(base + grain[..., None] * dark, 0, 255).astype(np.uint8)


def add_table(spec: mujoco.MjSpec) -> None:
    """A table whose top is the plane z = 0, centred on the origin."""
    pixels = _wood()
    texture = spec.add_texture(
        name="sim/wood",
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        width=pixels.shape[1],
        height=pixels.shape[0],
        nchannel=3,
    )
    texture.data = pixels.tobytes()
    wood = spec.add_material(name="sim/wood", specular=0.15, shininess=0.3)
    wood.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "sim/wood"
    half = [TABLE_SIZE[0] / 2, TABLE_SIZE[1] / 2, _TABLE_THICKNESS / 2]
    spec.worldbody.add_geom(
        name="sim/table",
        type=_BOX,
        size=half,
        pos=[0, 0, -half[2]],
        material="sim/wood",
        friction=[1.0, 0.01, 0.0005],
        condim=3,
        solref=[0.006, 1.0],
    )
    for x in (-1, 1):
        for y in (-1, 1):
            leg = -_FLOOR_Z / 2 - half[2]
            spec.worldbody.add_geom(
                type=_BOX,
                size=[0.025, 0.025, leg],
                pos=[x * (half[0] - 0.06), y * (half[1] - 0.06), _FLOOR_Z + leg],
                rgba=[0.30, 0.31, 0.33, 1],
                contype=0,
                conaffinity=0,
                group=1,
            )


def add_room(spec: mujoco.MjSpec) -> None:
    """A floor that catches what falls, and walls, so that no camera looks into the void."""
    spec.worldbody.add_geom(
        name="sim/floor",
        type=_BOX,
        size=[3, 3, 0.05],
        pos=[0, 0, _FLOOR_Z - 0.05],
        rgba=[0.52, 0.54, 0.56, 1],
    )
    for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        spec.worldbody.add_geom(
            type=_BOX,
            size=[3 if y else 0.05, 3 if x else 0.05, 1.8],
            pos=[3 * x, 3 * y, _FLOOR_Z + 1.8],
            rgba=[0.78, 0.80, 0.82, 1],
            contype=0,
            conaffinity=0,
            group=1,
        )
    spec.worldbody.add_geom(
        type=_BOX,
        size=[3, 3, 0.05],
        pos=[0, 0, _FLOOR_Z + 3.65],
        rgba=[0.92, 0.92, 0.92, 1],
        contype=0,
        conaffinity=0,
        group=1,
    )


def add_light(spec: mujoco.MjSpec) -> None:
    """A key light from the front left, a weak fill from the right, and light from the camera; no shadows.

    Shadows, multi-sampling, reflections and the sky would multiply the time of a picture on a CPU.
    """
    spec.visual.headlight.ambient = [0.31, 0.31, 0.31]
    spec.visual.headlight.diffuse = [0.19, 0.19, 0.19]
    spec.visual.headlight.specular = [0.05, 0.05, 0.05]
    spec.worldbody.add_light(
        name="sim/key",
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=[-0.6, -0.8, 2.0],
        dir=[0.30, 0.42, -0.86],
        diffuse=[0.42, 0.41, 0.39],
        specular=[0.2, 0.2, 0.2],
        castshadow=False,
    )
    spec.worldbody.add_light(
        name="sim/fill",
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=[0.8, 0.5, 2.0],
        dir=[-0.55, -0.25, -0.8],
        diffuse=[0.15, 0.16, 0.18],
        specular=[0.0, 0.0, 0.0],
        castshadow=False,
    )
    spec.visual.quality.offsamples = 0
    spec.visual.map.znear = 0.01
