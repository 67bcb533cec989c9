"""Where the tools are, how to bring them somewhere, what is close to what, and the way home."""

from robotics.kinematics.home_path import plan_home
from robotics.kinematics.kinematics import IkSolution, Kinematics

__all__ = ["IkSolution", "Kinematics", "plan_home"]
