"""What the planner sees: views from the cameras, and the reasoner's answers in the world frame."""

import logging

import numpy as np

from policies.planner.errors import NotFoundError, PlannerError
from robotics.embodiment import Embodiment
from robotics.errors import IncompatibleError
from robotics.kinematics.sensors import SensorKinematics
from robotics.observation import Observation
from robotics.pose import Pose
from robotics.reasoning.answers import Box3D, Found, Frame, Grasp
from robotics.reasoning.errors import ReasoningError
from robotics.reasoning.reasoner import GripperShape, Reasoner
from robotics.reasoning.view import View

_log = logging.getLogger(__name__)


class Sight:
    """Calibration comes from the embodiment: intrinsics, and forward kinematics for where a camera is."""

    def __init__(self, embodiment: Embodiment, reasoner: Reasoner, cameras: tuple[str, ...]):
        """
        Args:
            cameras: The first is asked first, the next where it does not see a thing.

        Raises:
            UnknownNameError: The embodiment has no such camera.
        """
        self._kinematics = SensorKinematics(embodiment)
        self._index = {
            name: embodiment.camera_names.index(embodiment.get_camera(name).name) for name in cameras
        }
        self._seen: tuple[Observation | None, tuple[View, ...]] = (None, ())
        self.reasoner = reasoner
        self.cameras = cameras

    def views(self, observation: Observation) -> tuple[View, ...]:
        """One of each camera.

        Raises:
            IncompatibleError: The observation lacks a camera.
        """
        if observation is self._seen[0]:
            return self._seen[1]  # the same objects: a reasoner looks at each view once
        for camera in self.cameras:
            if camera not in observation.images:
                raise IncompatibleError(
                    f"the planner looks through camera '{camera}', but the observation has: "
                    f"{', '.join(observation.images) or 'none'}"
                )
        self._kinematics.set_position(observation.joints.position)
        positions, rotations = self._kinematics.cameras()
        views = []
        for camera in self.cameras:
            frame, index = observation.images[camera], self._index[camera]
            height, width = frame.image.shape[:2]
            views.append(
                View(
                    image=frame.image,
                    depth=frame.depth,
                    intrinsics=self._kinematics.intrinsics(camera).resized(width, height),
                    camera_in_world=Pose.from_matrix(rotations[index], positions[index]),
                    name=camera,
                )
            )
        self._seen = observation, tuple(views)
        return self._seen[1]

    def boxes(self, views: tuple[View, ...], query: str) -> tuple[list[Box3D], str]:
        """Every thing that the query describes, best first, from the first camera that sees one.

        Returns:
            The boxes in the world frame; where there are none, why, in one line.

        Raises:
            NotFoundError: The reasoner does not know a word of the query.
        """
        reason = ""
        for view in views:
            found = self.reasoner.boxes3d(view, query)
            self._known(found, query)
            boxes = [box for box in found if box.frame is Frame.WORLD]
            if len(boxes) < len(found.items):
                raise PlannerError(
                    f"reasoner '{self.reasoner.name}' gives boxes of '{query}' in the frame "
                    f"'{found.items[0].frame.value}'; the planner wants them in the world"
                )
            if boxes:
                return boxes, ""
            reason = reason or found.reason or f"there is no '{query}' in sight"
        return [], reason

    def _known(self, found: Found, query: str) -> None:
        if found.unknown_words:
            words = ", ".join(f"'{word}'" for word in found.unknown_words)
            raise NotFoundError(f"reasoner '{self.reasoner.name}' does not know {words} in '{query}'")

    def grasps(
        self, views: tuple[View, ...], query: str, gripper: GripperShape, limit: int = 8
    ) -> list[Grasp]:
        """Grasps in the world frame, the most promising first; none where the reasoner has none to offer."""
        if "grasps" not in self.reasoner.supports:
            return []
        for view in views:
            if view.depth is None:
                continue
            try:
                found = self.reasoner.grasps(view, query, gripper, limit)
            except ReasoningError as error:  # a thing can be taken by its box as well
                _log.info("no grasps of '%s': %s", query, error)
                continue
            usable = [
                grasp
                for grasp in found
                if grasp.position is not None and grasp.rotation is not None and grasp.frame is Frame.WORLD
            ]
            if usable:
                return usable
        return []

    def achieved(self, before: tuple[View, ...], after: tuple[View, ...], instruction: str) -> float | None:
        """Probability that the instruction was carried out; None where the reasoner does not judge."""
        if "success" not in self.reasoner.supports:
            return None
        return self.reasoner.success(before, after, instruction).probability


def box_axes(box: Box3D) -> np.ndarray:
    """Axes of a box in the world as columns, (3, 3)."""
    return Pose(np.zeros(3), np.array(box.rotation, float)).rotation


def extent(box: Box3D, direction: np.ndarray) -> float:
    """Whole extent of a box along a unit vector (3,) [m]."""
    return float(np.abs(direction @ box_axes(box)) @ np.array(box.size))


def span(box: Box3D) -> tuple[float, float]:
    """Heights of the underside and of the top [m]."""
    half = 0.5 * extent(box, np.array([0.0, 0.0, 1.0]))
    return box.center[2] - half, box.center[2] + half
