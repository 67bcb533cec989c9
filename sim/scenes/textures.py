"""Textures of a pool: table tops, and patterns that are drawn anew for every scene."""

import mujoco
import numpy as np

from sim.scenes.skin import TILE_M

SIDE = 64
"""Of a pattern's texture [pixel]."""
PATTERN_SLOTS = 8
"""Things with a pattern in one scene."""
TABLE_MATERIALS = tuple(f"scenes/table_{i}" for i in range(10))
_ROLE = mujoco.mjtTextureRole.mjTEXROLE_RGB


def draw_pattern(pattern: str, main: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One tile of TILE_M, uint8 (SIDE, SIDE, 3); most of it has the main colour (3,) 0..1.

    Raises:
        ValueError: No such pattern.
    """
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    if pattern == "striped":
        count = int(rng.integers(4, 7))
        along = [x, y, (x + y) % 1.0][int(rng.integers(3))]
        other = (along * count) % 1.0 > rng.uniform(0.52, 0.65)
    elif pattern == "checkered":
        count = 2 * int(rng.integers(2, 4))
        other = ((x * count).astype(int) + (y * count).astype(int)) % 2 == 1
    elif pattern == "spotted":
        count = int(rng.integers(3, 6))
        dx, dy = (x * count) % 1.0 - 0.5, (y * count) % 1.0 - 0.5
        other = dx**2 + dy**2 < rng.uniform(0.24, 0.34) ** 2
    else:
        raise ValueError(f"no pattern '{pattern}'; there are striped, checkered, spotted")
    pixels = np.where(other[..., None], second, main)
    return np.round(255 * pixels).astype(np.uint8)


def add_materials(spec: mujoco.MjSpec, rng: np.random.Generator) -> None:
    """Add 'scenes/plain', 'scenes/shiny', 'scenes/pattern_K' and the table tops."""
    spec.add_material(name="scenes/plain", specular=0.1, shininess=0.1)
    spec.add_material(name="scenes/shiny", specular=0.6, shininess=0.6)
    for slot in range(PATTERN_SLOTS):
        _add(spec, f"scenes/pattern_{slot}", np.full((SIDE, SIDE, 3), 128, np.uint8))
    for name in TABLE_MATERIALS:
        _add(spec, name, table_top(rng))


def _add(spec: mujoco.MjSpec, name: str, pixels: np.ndarray) -> None:
    texture = spec.add_texture(
        name=name,
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        width=pixels.shape[1],
        height=pixels.shape[0],
        nchannel=3,
    )
    texture.data = pixels.tobytes()
    material = spec.add_material(name=name, specular=0.1, shininess=0.2)
    material.textures[_ROLE] = name


def table_top(rng: np.random.Generator, size: int = 256) -> np.ndarray:
    """A random surface, uint8 (size, size, 3): plain, grained, woven, tiled or clouded."""
    base = rng.uniform(0.15, 0.95, 3) if rng.random() < 0.4 else np.full(3, rng.uniform(0.1, 0.95))
    if rng.random() < 0.4:
        base = np.array([0.8, 0.66, 0.48]) * rng.uniform(0.4, 1.15)
    y, x = np.mgrid[:size, :size] / size
    kind = rng.integers(5)
    if kind == 0:
        relief = np.zeros((size, size))
    elif kind == 1:
        bend = 0.03 * np.sin(2 * np.pi * (x * rng.uniform(0.5, 2) + 0.2 * y))
        relief = np.zeros((size, size))
        for frequency in rng.uniform(4, 60, 4):
            relief += 0.5 * np.sin(2 * np.pi * ((y + bend) * frequency + rng.random()))
    elif kind == 2:
        frequency = rng.integers(10, 40)
        relief = np.sin(2 * np.pi * frequency * x) * np.sin(2 * np.pi * frequency * y)
    elif kind == 3:
        count = rng.integers(3, 12)
        relief = 1.2 * (((x * count).astype(int) + (y * count).astype(int)) % 2) - 0.6
    else:
        relief = _clouds(rng, size)
    noise = rng.standard_normal((size, size)) * rng.uniform(0, 0.4)
    strength = rng.uniform(0.01, 0.09)
    pixels = base + strength * (relief + noise)[..., None] * rng.uniform(0.7, 1.3, 3)
    return np.clip(pixels * 255, 0, 255).astype(np.uint8)


def _clouds(rng: np.random.Generator, size: int) -> np.ndarray:
    coarse = rng.standard_normal((9, 9))
    grid = np.linspace(0, 7.99, size)
    i, t = grid.astype(int), grid % 1
    rows = coarse[i] * (1 - t[:, None]) + coarse[i + 1] * t[:, None]
    return rows[:, i] * (1 - t) + rows[:, i + 1] * t


__all__ = ["PATTERN_SLOTS", "SIDE", "TABLE_MATERIALS", "TILE_M", "add_materials", "draw_pattern", "table_top"]
