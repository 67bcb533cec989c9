"""Scenes, tasks, experts, the simulated robot and its cameras."""

from sim.gl import select_backend

# Here, because mujoco and dm_control read MUJOCO_GL when they are imported.
select_backend()
