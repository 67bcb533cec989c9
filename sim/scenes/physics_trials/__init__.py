"""Grasps and trajectories carried out in physics by free-flying grippers, which says whether they are right."""
