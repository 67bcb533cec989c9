"""People at the controls: keyboard and gamepad move the grippers; see docs/recording.md for the keys."""

from policies.teleoperation.open_teleoperator import TELEOPERATORS, open_teleoperator

__all__ = ["TELEOPERATORS", "open_teleoperator"]
