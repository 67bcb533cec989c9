"""The moment that a law judges: measured at the start of a chunk, imagined for the rest of it."""

from dataclasses import dataclass, field

import numpy as np

from sim.experts.plant import Frame, Plant


@dataclass
class Item:
    """Something that can be grasped."""

    half_size: np.ndarray
    """Along its own axes, shape (3,) [m]."""
    frame: Frame

    def width_along(self, direction: np.ndarray) -> float:
        """Extent [m] along a unit vector (3,) that is about parallel to one of its axes."""
        return 2.0 * float(self.half_size[np.argmax(np.abs(direction @ self.frame.rotation))])


@dataclass
class Moment:
    """State of robot and things. Laws read it; only `advance` changes it."""

    plant: Plant
    reference: np.ndarray
    """Where the last target leads, shape (action_dim,); grippers: the target itself."""
    position: np.ndarray
    """Measured, shape (action_dim,)."""
    change: np.ndarray
    """Of the reference in the last step, shape (action_dim,)."""
    items: dict[str, Item]
    gripping: set[tuple[str, str]]
    """(arm, item): both fingers press on it."""
    scalars: dict[str, float] = field(default_factory=dict)
    """Other measurements, e.g. how far a drawer is open [m]."""
    tool: dict[str, Frame] = field(default_factory=dict)
    """Measured."""
    goal: dict[str, Frame] = field(default_factory=dict)
    """Tools at the reference."""
    _held: dict[tuple[str, str], Frame] = field(default_factory=dict)

    def opening(self, arm: str) -> float:
        """Measured, 0 closed .. 1 open."""
        return float(self.position[self.plant.embodiment.gripper_indices[arm]])

    def commanded_opening(self, arm: str) -> float:
        """Last target, 0 closed .. 1 open."""
        return float(self.reference[self.plant.embodiment.gripper_indices[arm]])

    def grips(self, arm: str, item: str) -> bool:
        return (arm, item) in self.gripping

    def in_tool(self, arm: str, item: str) -> np.ndarray:
        """An item's centre in a tool's frame, shape (3,) [m]."""
        tool = self.tool[arm]
        return (self.items[item].frame.position - tool.position) @ tool.rotation

    def opening_for(self, arm: str, item: str) -> float:
        """Opening at which the fingers touch an item on both sides."""
        width = self.items[item].width_along(self.tool[arm].rotation[:, 1])
        return self.plant.opening_of(arm, width)

    def advance(self, reference: np.ndarray, follow: np.ndarray) -> None:
        """Imagine a step: servos follow with their lag, fingers stop at things, held things move along.

        Args:
            reference: In force during the step, shape (action_dim,).
            follow: Share of the way that each servo makes in a step, shape (action_dim,).
        """
        self.change = reference - self.reference
        self.reference = reference
        before = self.position
        self.position = before + follow * (reference - before)
        grippers = self.plant.embodiment.gripper_indices
        for arm, index in grippers.items():
            for item in self.items:
                self._close_on(arm, item, index)
        self.tool = self.plant.tools_at(self.position)
        for (arm, item), in_tool in self._held.items():
            tool = self.tool[arm]
            self.items[item].frame = Frame(
                tool.position + tool.rotation @ in_tool.position, tool.rotation @ in_tool.rotation
            )
            break  # with two hands on one thing, the first leads

    def _close_on(self, arm: str, item: str, index: int) -> None:
        pair, touch = (arm, item), self.opening_for(arm, item)
        x, y, z = np.abs(self.in_tool(arm, item))
        gap = 0.5 * touch * self.plant.embodiment.get_arm(arm).gripper.fingertip_gap[1]
        between = x < 0.02 and z < 0.022 and y < gap + 0.01
        if pair in self.gripping and self.reference[index] > touch + 0.03:
            if self.position[index] > touch + 0.02:
                self.gripping.discard(pair)
                self._held.pop(pair, None)
        elif between and self.reference[index] < touch - 0.02 and self.position[index] <= touch + 0.01:
            self.gripping.add(pair)
        if pair in self.gripping:
            if self.reference[index] < touch:
                self.position[index] = max(self.position[index], touch)
            if pair not in self._held:
                tool, frame = self.tool[arm], self.items[item].frame
                self._held[pair] = Frame(
                    (frame.position - tool.position) @ tool.rotation, tool.rotation.T @ frame.rotation
                )
