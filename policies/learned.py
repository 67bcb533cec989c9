"""The learned policy: images, joint state and instruction in, action chunk out."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from policies.backbone import CameraPose, Context
from policies.checkpoint import Checkpoint, load_checkpoint
from policies.condition import JointFeatures, build_condition, find_joint_goals
from policies.memory import SceneMemory
from policies.normalisation import Normaliser
from policies.smoothing import join_and_smooth
from robotics.action import ActionChunk
from robotics.embodiment import Embodiment
from robotics.errors import IncompatibleError
from robotics.kinematics.reach import Reach
from robotics.kinematics.sensors import SensorKinematics
from robotics.observation import Observation


class LearnedPolicy:
    """Backbone and decoder of one checkpoint on one embodiment; see robotics.policy.Policy.

    `look` is the slow half (images to context), `decide` the fast one (newest joints to chunk), so
    that they may run at different rates; `act` does both.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        embodiment: Embodiment,
        *,
        name: str = "policy",
        replan_steps: int = 15,
        seed: int = 0,
    ):
        """Raises IncompatibleError where the checkpoint is for another interface."""
        checkpoint.check_fits(embodiment)
        self.name = name
        self.embodiment = embodiment
        self.cameras = tuple(checkpoint.backbone.config.cameras)
        self.replan_steps = replan_steps
        self._backbone, self._decoder = checkpoint.backbone.fused(), checkpoint.decoder
        self._normaliser = Normaliser(checkpoint.statistics)
        self._kinematics, self._reach = SensorKinematics(embodiment), Reach(embodiment)
        self._intrinsics = {
            camera: self._kinematics.intrinsics(camera).resized(*reversed(self._backbone.size_of(camera)))
            for camera in self.cameras
        }
        self._camera_rows = [embodiment.camera_names.index(camera) for camera in self.cameras]
        self._grippers = list(embodiment.gripper_indices.values())
        self._arms = [i for i in range(embodiment.action_dim) if i not in self._grippers]
        self._text: tuple[str, Tensor] | None = None
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Start an episode: forget the last one's context, and draw the same random numbers again."""
        self._generator = torch.Generator().manual_seed(self._seed)
        self.context: Context | None = None
        self._memory = SceneMemory()

    @torch.no_grad()
    def look(self, observation: Observation) -> Context:
        """Context of the newest images.

        Raises:
            IncompatibleError: The observation lacks a camera.
        """
        missing = [camera for camera in self.cameras if camera not in observation.images]
        if missing:
            raise IncompatibleError(
                f"policy '{self.name}' needs cameras {', '.join(self.cameras)}; missing: {', '.join(missing)}"
            )
        images, poses = {}, {}
        joints = observation.joints
        for row, camera in zip(self._camera_rows, self.cameras, strict=True):
            frame = observation.images[camera]
            # The arm has moved since the picture was taken; the wrist camera was where it then was.
            age_s = (joints.time_ns - frame.capture_time_ns) / 1e9
            self._kinematics.set_position(joints.position - joints.velocity * np.clip(age_s, -0.1, 0.2))
            position, rotation = self._kinematics.cameras()
            images[camera] = self._backbone.prepare(camera, frame.image)[None]
            poses[camera] = CameraPose(
                torch.as_tensor(rotation[row], dtype=torch.float32)[None],
                torch.as_tensor(position[row], dtype=torch.float32)[None],
                self._intrinsics[camera],
            )
        if self._text is None or self._text[0] != observation.instruction:
            self._text = (observation.instruction, self._backbone.encode_text([observation.instruction]))
        seen = self._backbone.context(images, poses, self._text[1])
        closed = tuple(bool(target < 0.5) for target in joints.target[self._grippers])
        self.context = find_joint_goals(self._memory.steady(seen, closed), self._reach)
        return self.context

    @torch.no_grad()
    def decide(self, observation: Observation, context: Context) -> ActionChunk:
        """Chunk for the newest joint state under a context that may be older."""
        joints = observation.joints
        if len(joints.position) != self.embodiment.action_dim:
            raise IncompatibleError(
                f"policy '{self.name}' wants {self.embodiment.action_dim} joints, got {len(joints.position)}"
            )
        position = torch.as_tensor(joints.position, dtype=torch.float32)[None]
        self._kinematics.set_position(joints.position)
        tool_position, tool_rotation = self._kinematics.tools()
        features = JointFeatures(
            self._normaliser.joints(position),
            position,
            torch.as_tensor(joints.target[self._grippers], dtype=torch.float32)[None],
            torch.as_tensor(tool_position, dtype=torch.float32)[None],
            torch.as_tensor(tool_rotation, dtype=torch.float32)[None],
        )
        # New noise for each chunk: with the same one, an arm that hesitates (close now, or a little nearer
        # first?) hesitates for ever, because the same question gets the same answer.
        config = self._decoder.config
        noise = torch.randn(1, config.horizon, config.action_dim, generator=self._generator)
        chunk = self._decoder.decode(build_condition(features, context, self._grippers), noise)
        targets = self._normaliser.targets(chunk, position)[0].double().numpy()
        arms = self._arms
        targets[:, arms] = join_and_smooth(targets[:, arms], observation.plan[:, arms])
        targets = np.clip(targets, self.embodiment.position_lower, self.embodiment.position_upper)
        return ActionChunk.answering(observation, self.embodiment, targets)

    def act(self, observation: Observation) -> ActionChunk:
        """Look and decide."""
        return self.decide(observation, self.look(observation))


def load_policy(folder: Path | str, embodiment: Embodiment, *, replan_steps: int = 15) -> LearnedPolicy:
    """The policy of a checkpoint folder, ready to act on an embodiment.

    Raises:
        CheckpointError: The folder is missing or damaged.
        IncompatibleError: It is for another embodiment.
    """
    return LearnedPolicy(
        load_checkpoint(folder), embodiment, name=Path(folder).name, replan_steps=replan_steps
    )
