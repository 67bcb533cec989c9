"""Materials of a pool: patterns for things, and table tops."""

import mujoco
import numpy as np

_SIZE = 64
PATTERN_MATERIALS = ("plain", "plain_shiny", "striped", "checkered", "spotted")
TABLE_MATERIALS = tuple(f"table_{i}" for i in range(8))


def _patterns() -> dict[str, np.ndarray]:
    """Brightness 0..1 of one face, (size, size)."""
    y, x = np.mgrid[:_SIZE, :_SIZE]
    stripes = (x // 8) % 2
    checks = ((x // 16) + (y // 16)) % 2
    spots = ((x % 21 - 10) ** 2 + (y % 21 - 10) ** 2) > 36
    return {"striped": stripes, "checkered": checks, "spotted": spots}


def _table_top(rng: np.random.Generator) -> np.ndarray:
    """A random surface, uint8 (size, size, 3): plain, grained, woven, tiled or clouded."""
    size = 256
    grey = np.full(3, rng.uniform(0.1, 0.95))
    base = grey + rng.uniform(-0.2, 0.2, 3) * (rng.random() < 0.6)
    if rng.random() < 0.4:
        base = np.array([0.8, 0.66, 0.48]) * rng.uniform(0.4, 1.15)
    y, x = np.mgrid[:size, :size] / size
    kind = rng.integers(5)
    if kind == 0:
        relief = np.zeros((size, size))
    elif kind == 1:
        bend = 0.03 * np.sin(2 * np.pi * (x * rng.uniform(0.5, 2) + 0.2 * y))
        relief = sum(np.sin(2 * np.pi * ((y + bend) * f + rng.random())) * 0.5 for f in rng.uniform(4, 60, 4))
    elif kind == 2:
        f = rng.integers(10, 40)
        relief = np.sin(2 * np.pi * f * x) * np.sin(2 * np.pi * f * y)
    elif kind == 3:
        n = rng.integers(3, 12)
        relief = 1.2 * (((x * n).astype(int) + (y * n).astype(int)) % 2) - 0.6
    else:
        coarse = rng.standard_normal((2, 9, 9))
        grid = np.linspace(0, 7.99, size)
        i, t = grid.astype(int), grid % 1
        rows = coarse[0][i] * (1 - t[:, None]) + coarse[0][i + 1] * t[:, None]
        relief = rows[:, i] * (1 - t) + rows[:, i + 1] * t
    noise = rng.standard_normal((size, size)) * rng.uniform(0, 0.4)
    strength = rng.uniform(0.01, 0.09)
    pixels = base + strength * (relief + noise)[..., None] * rng.uniform(0.7, 1.3, 3)
    return np.clip(pixels * 255, 0, 255).astype(np.uint8)


def add_materials(spec: mujoco.MjSpec, rng: np.random.Generator) -> None:
    """Add the materials 'scenes/NAME' of PATTERN_MATERIALS and TABLE_MATERIALS."""
    role = mujoco.mjtTextureRole.mjTEXROLE_RGB
    for name in ("plain", "plain_shiny"):
        shine = 0.6 if name.endswith("shiny") else 0.1
        spec.add_material(name=f"scenes/{name}", specular=shine, shininess=shine)
    for name, bright in _patterns().items():
        level = np.where(bright > 0, 255, 70).astype(np.uint8)
        face = np.repeat(level[..., None], 3, axis=2)
        texture = spec.add_texture(
            name=f"scenes/{name}",
            type=mujoco.mjtTexture.mjTEXTURE_CUBE,
            width=_SIZE,
            height=_SIZE * 6,
            nchannel=3,
        )
        texture.data = np.concatenate([face] * 6).tobytes()
        material = spec.add_material(name=f"scenes/{name}", specular=0.1, shininess=0.1)
        material.textures[role] = f"scenes/{name}"
    for name in TABLE_MATERIALS:
        pixels = _table_top(rng)
        texture = spec.add_texture(
            name=f"scenes/{name}",
            type=mujoco.mjtTexture.mjTEXTURE_2D,
            width=pixels.shape[1],
            height=pixels.shape[0],
            nchannel=3,
        )
        texture.data = pixels.tobytes()
        material = spec.add_material(name=f"scenes/{name}", specular=0.1, shininess=0.2)
        material.textures[role] = f"scenes/{name}"
