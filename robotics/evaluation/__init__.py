"""Seeded episodes, statistics over them, and their reports."""
