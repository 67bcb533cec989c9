"""Scripted experts: policies that solve the simulated tasks from the simulation's state."""

from robotics.policy import Policy
from sim.experts.expert import Expert
from sim.experts.perturbed import PerturbedExpert
from sim.robot import SimulatedRobot

__all__ = ["Expert", "PerturbedExpert", "make_expert"]


def make_expert(
    robot: SimulatedRobot, *, perturbation: float = 0.0, seed: int = 0, replan_steps: int | None = None
) -> Policy:
    """The expert for whatever task the robot's running episode has.

    Args:
        perturbation: Strength of exploration noise: 0 none, 1 the usual amount for demonstrations.
        seed: Of the noise.
        replan_steps: Control steps between two decisions; default 10, or 3 with noise.

    Raises:
        UnknownNameError: There is no expert for the running task.
    """
    if perturbation <= 0.0:
        return Expert(robot, replan_steps=replan_steps or 10)
    expert = Expert(robot, replan_steps=replan_steps or 3)
    return PerturbedExpert(expert, strength=perturbation, seed=seed)
