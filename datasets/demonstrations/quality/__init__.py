"""Which demonstrations are bad, and why: checks of episodes and datasets, a score, a report."""

from demonstrations.quality.check import check_dataset, check_episode
from demonstrations.quality.findings import DatasetQuality, EpisodeQuality, Finding, Severity

__all__ = ["DatasetQuality", "EpisodeQuality", "Finding", "Severity", "check_dataset", "check_episode"]
