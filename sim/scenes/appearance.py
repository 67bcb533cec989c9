"""Colours, patterns, table top, room and light of one scene."""

from collections.abc import Callable

import mujoco
import numpy as np

from sim.scenes.pool import Pool
from sim.scenes.textures import draw_pattern
from sim.scenes.thing import Layout


def dress(
    pool: Pool, layout: Layout, robot: bool, rng: np.random.Generator, upload: Callable[[int], None]
) -> None:
    """Show a layout's things in their colours, and give table, room and light a random look.

    Args:
        robot: Whether the robot is there.
        upload: Called with the number of each texture whose pixels changed.
    """
    model = pool.model
    pool.clear(robot)
    pool.as_built.restore()
    slots = iter(zip(pool.patterns, pool.pattern_textures, strict=True))
    for thing in layout.things:
        pool.show(thing.instance, thing.pose.position, thing.pose.quaternion, thing.opened)
        painted = thing.paint
        tinted = list(pool.instances[thing.instance].tinted)
        slot = next(slots, None) if painted.pattern != "plain" else None
        if slot is not None:
            material, texture = slot
            pixels = draw_pattern(painted.pattern, np.array(painted.rgb), np.array(painted.second), rng)
            start = model.tex_adr[texture]
            model.tex_data[start : start + pixels.size] = pixels.ravel()
            upload(texture)
            model.geom_matid[tinted], model.geom_rgba[tinted] = material, 1.0
        else:
            model.geom_matid[tinted] = pool.shiny if painted.shiny else pool.plain
            model.geom_rgba[tinted] = [*painted.rgb, 1.0]
    if layout.kind.startswith("task_") and rng.random() < 0.75:
        return  # as the tasks look
    if rng.random() < 0.88:
        model.geom_matid[pool.table] = pool.tables[int(rng.integers(len(pool.tables)))]
        model.geom_rgba[pool.table, :3] = rng.uniform(0.65, 1.0) * rng.uniform(0.85, 1.0, 3)
        model.mat_texrepeat[pool.tables] = rng.choice([1.0, 1.0, 2.0, 3.0])
    if rng.random() < 0.7:
        _paint_room(pool, rng)
    _light(model, rng)


def _paint_room(pool: Pool, rng: np.random.Generator) -> None:
    wall = np.clip(rng.uniform(0.15, 0.95) * rng.uniform(0.8, 1.2, 3), 0, 1)
    floor = np.clip(rng.uniform(0.1, 0.85) * rng.uniform(0.7, 1.3, 3), 0, 1)
    for geom in pool.room:
        is_floor = pool.model.geom(geom).name == "sim/floor"
        pool.model.geom_rgba[geom, :3] = np.clip((floor if is_floor else wall) * rng.uniform(0.9, 1.1), 0, 1)


def _light(model: mujoco.MjModel, rng: np.random.Generator) -> None:
    head = model.vis.headlight
    level = rng.uniform(0.6, 1.3)
    tint = 1 + 0.10 * rng.uniform(-1, 1) * np.array([1.0, 0.1, -1.0])
    head.ambient[:] = np.clip(head.ambient * level * tint, 0, 1)
    head.diffuse[:] = head.diffuse * rng.uniform(0.2, 1.6)
    for light in range(model.nlight):
        azimuth, tilt = rng.uniform(-np.pi, np.pi), rng.uniform(0.05, 1.1)
        direction = [np.sin(tilt) * np.cos(azimuth), np.sin(tilt) * np.sin(azimuth), -np.cos(tilt)]
        model.light_dir[light] = direction
        model.light_pos[light] = -2.2 * np.array(direction)
        model.light_diffuse[light] = np.clip(
            model.light_diffuse[light] * level * tint * rng.uniform(0.5, 1.5), 0, 1
        )


def has_shadows(rng: np.random.Generator, model: mujoco.MjModel, share: float) -> bool:
    """Let the first light cast shadows in so many of the scenes."""
    if rng.random() >= share:
        return False
    model.light_castshadow[0] = True
    return True
