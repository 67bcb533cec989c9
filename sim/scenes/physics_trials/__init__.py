"""Grasps and trajectories carried out in physics by free-flying grippers, to see whether they are right."""
