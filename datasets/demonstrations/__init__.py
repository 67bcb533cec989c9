"""Demonstrations: episodes of ticks and camera frames on disk, recorded, checked and read for training."""

from demonstrations.dataset import DemonstrationDataset
from demonstrations.episode import Episode
from demonstrations.schema import EpisodeMetadata, EpisodeOutcome
from demonstrations.writer import EpisodeWriter

__all__ = ["DemonstrationDataset", "Episode", "EpisodeMetadata", "EpisodeOutcome", "EpisodeWriter"]
