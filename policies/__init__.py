"""Learned deciders: grounding backbone, action decoder, their training and their checkpoints."""

from policies.learned import load_policy

__all__ = ["load_policy"]
