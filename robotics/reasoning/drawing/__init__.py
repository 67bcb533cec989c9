"""Draws answers on the pictures that they are about, legible on bright and dark ones of any size."""
