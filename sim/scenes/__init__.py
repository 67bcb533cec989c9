"""Procedural tabletop scenes with ground truth, and the physics that verifies it."""
