"""Where the tools are, how to bring them somewhere, what is close to what, and the way home."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from robotics.kinematics.home_path import plan_home
    from robotics.kinematics.kinematics import IkSolution, Kinematics

__all__ = ["IkSolution", "Kinematics", "plan_home"]


def __getattr__(name: str) -> Any:
    # Late: the control process wants the distances of this folder without the solvers of inverse kinematics.
    if name == "plan_home":
        from robotics.kinematics.home_path import plan_home

        return plan_home
    if name in __all__:
        from robotics.kinematics import kinematics

        return getattr(kinematics, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
