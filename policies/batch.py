"""Batches of frames with their labels in image coordinates, and the augmentation that moves both alike."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from policies.backbone import Backbone, CameraPose
from policies.demonstration_frames import Demonstrations
from policies.grounding import GroundingLabels
from policies.variation import PERMUTATIONS, Variant, Variations
from robotics.pinhole import project


@dataclass(frozen=True)
class CameraBatch:
    """One camera's part of a training batch."""

    images: Tensor
    """(batch, 3, height, width), 0..255"""
    shift: Tensor
    """How far the content was moved, (batch, 2) columns, rows [pixel]."""
    labels: GroundingLabels
    pose: CameraPose
    """Of the picture as it was recorded, also where it is mirrored."""
    view: Tensor
    """The backbone's embedding of the camera that each picture is of, (batch, text_dim)."""


class FrameSampler:
    """Draws frames, projects the hindsight labels into them, augments."""

    def __init__(
        self,
        backbone: Backbone,
        demonstrations: Demonstrations,
        variations: Variations,
        shift_pixels: int,
        device: torch.device,
    ):
        self.backbone, self.demonstrations, self.device = backbone, demonstrations, device
        self.intrinsics = demonstrations.intrinsics
        self._shift, self._variations = shift_pixels, variations
        rows = demonstrations.frame_row
        # Held means: the object's label is where some tool is.
        gap = np.linalg.norm(
            demonstrations.point[rows, 0][:, None] - demonstrations.tool_position[rows], axis=-1
        )
        self.before_grasp = gap.min(1) > 0.01  # (frame,)
        self.reversible = self._find_reversible()
        # (variant, episode, word, gram)
        self._ids = torch.stack([backbone.text.tokenize(row) for row in variations.instructions]).to(device)

    def _find_reversible(self) -> np.ndarray:
        """bool (frame,): before the first grasp, in sentences on two things that differ in colour only."""
        demos = self.demonstrations
        camera = next(iter(self.backbone.config.cameras))
        result = np.zeros(len(demos.frame_row), bool)
        for episode in np.nonzero(self._variations.reversible)[0]:
            frames = np.nonzero(demos.frame_episode == episode)[0]
            if not len(frames) or not demos.point_known[demos.frame_row[frames[0]]].all():
                continue
            first = frames[0]
            points = demos.point[demos.frame_row[first]].copy()
            points[1, 2] = points[0, 2]  # the goal is above the thing that stands there
            pixels = project(
                points,
                demos.camera_rotation[camera][first],
                demos.camera_position[camera][first],
                self.intrinsics[camera],
            )
            if not look_alike(np.asarray(demos.images[camera][first]), pixels[0, :2], pixels[1, :2]):
                continue
            taken = np.nonzero(~self.before_grasp[frames])[0]
            result[frames[: taken[0] if len(taken) else 0]] = True
        return result

    def frame_weights(self, allowed: np.ndarray) -> np.ndarray:
        """Probability of each frame (frame,): tasks alike, frames before the grasp three times as often."""
        tasks = np.unique(self.demonstrations.tasks, return_inverse=True)[1][
            self.demonstrations.frame_episode
        ]
        weights = np.where(self.before_grasp, 3.0, 1.0) * allowed
        for task in np.unique(tasks):
            weights[tasks == task] /= max(weights[tasks == task].sum(), 1e-9)
        return weights / weights.sum()

    def encode_text(self, frames: np.ndarray, variant: Variant | None = None) -> Tensor:
        """Sentence features (batch, text_dim) of the frames' episodes."""
        index = np.zeros(len(frames), int) if variant is None else variant.index
        pairs = np.stack([index, self.demonstrations.frame_episode[frames]], axis=1)
        sentences, inverse = np.unique(pairs, axis=0, return_inverse=True)
        which = torch.as_tensor(sentences, device=self.device)
        return self.backbone.text(self._ids[which[:, 0], which[:, 1]])[torch.as_tensor(inverse.reshape(-1))]

    @torch.no_grad()
    def encode_all(self) -> Tensor:
        """Sentence features (variant, episode, text_dim) of every instruction in every variant."""
        return torch.stack([self.backbone.text(ids) for ids in self._ids])

    def batch(
        self,
        camera: str,
        frames: np.ndarray,
        rng: np.random.Generator | None = None,
        variant: Variant | None = None,
    ) -> CameraBatch:
        """Images and labels of frames in a variant (default: as recorded), augmented with `rng`."""
        demos = self.demonstrations
        rows = demos.frame_row[frames]
        k = self.intrinsics[camera]
        rotation, position = demos.camera_rotation[camera][frames], demos.camera_position[camera][frames]
        points, turned = demos.point[rows], np.zeros(len(rows), bool)
        if variant is not None and variant.reversed.any():
            turned = variant.reversed
            points = points.copy()
            points[turned, :, :2] = points[turned, ::-1, :2]
        pixels = project(points, rotation[:, None], position[:, None], k)  # (batch, point, 3)
        in_camera = np.einsum("bji,bpjk->bpik", rotation, demos.point_rotation[rows])
        axes = np.concatenate([in_camera[..., 0], in_camera[..., 1]], axis=-1)  # (batch, point, 6)
        order = np.argsort(frames)  # memory maps like order
        images = np.empty((len(frames), *demos.images[camera].shape[1:]), np.uint8)
        images[order] = demos.images[camera][frames[order]]
        shift = np.zeros((len(frames), 2), np.int64)
        tensor = torch.from_numpy(images).permute(0, 3, 1, 2).to(self.device)
        view = self.backbone.view[camera].expand(len(frames), -1)
        if variant is not None:
            tensor = _exchange_channels(tensor, variant.permutation)
            if variant.mirrored.any():
                tensor, pixels, axes, view = self._mirror(
                    camera, variant.mirrored, tensor, pixels, axes, view
                )
        if rng is not None:
            limit = round(self._shift * k.width / 240)
            shift = rng.integers(-limit, limit + 1, (len(frames), 2))
            tensor = _augment(tensor, shift, rng)
        uv = pixels[..., :2] + shift[:, None]
        depth = pixels[..., 2]
        inside = (
            (uv >= 0).all(-1)
            & (uv[..., 0] < k.width)
            & (uv[..., 1] < k.height)
            & (depth > 0.03)
            & (depth < 2.0)
        )
        known = demos.point_known[rows]
        as_tensor = lambda a: torch.as_tensor(a, dtype=torch.float32, device=self.device)  # noqa: E731
        labels = GroundingLabels(
            as_tensor(uv),
            as_tensor(depth),
            as_tensor(axes),
            torch.as_tensor(inside, device=self.device),
            torch.as_tensor(known, device=self.device),
            torch.as_tensor(known & ~turned[:, None], device=self.device),  # nobody gripped them this way
        )
        return CameraBatch(
            tensor, as_tensor(shift), labels, CameraPose(as_tensor(rotation), as_tensor(position), k), view
        )

    def _mirror(
        self,
        camera: str,
        mirrored: np.ndarray,
        images: Tensor,
        pixels: np.ndarray,
        axes: np.ndarray,
        view: Tensor,
    ) -> tuple[Tensor, np.ndarray, np.ndarray, Tensor]:
        """Columns reversed: what the mirrored camera sees of the mirrored robot, with its labels."""
        mirror = self._variations.mirror
        assert mirror is not None
        partner = mirror.cameras[camera]
        which = torch.as_tensor(mirrored, device=self.device)
        images = torch.where(which[:, None, None, None], images.flip(-1), images)
        view = torch.where(which[:, None], self.backbone.view[partner], view)
        pixels, axes = pixels.copy(), axes.copy()
        k = self.intrinsics[camera]
        pixels[mirrored, :, 0] = 2 * k.cx - pixels[mirrored, :, 0]
        turned = axes[mirrored].reshape(-1, axes.shape[1], 2, 3) * np.array([-1.0, 1.0, 1.0])
        axes[mirrored] = (turned * mirror.tool_sign[:2, None]).reshape(-1, axes.shape[1], 6)
        return images, pixels, axes, view


_PATCH_PX = 9
"""Things are compared within so many pixels of their points."""


def _saturated(image: np.ndarray) -> np.ndarray:
    brightest = image.max(-1).astype(float)
    return (brightest - image.min(-1) > 0.5 * brightest) & (brightest > 60)


def look_alike(image: np.ndarray, first: np.ndarray, second: np.ndarray) -> bool:
    """Whether coloured things of one size lie at two pixels (column, row) of an RGB image."""
    sizes = []
    for u, v in (first, second):
        top, left = max(round(v) - _PATCH_PX, 0), max(round(u) - _PATCH_PX, 0)
        patch = _saturated(image[top : round(v) + _PATCH_PX, left : round(u) + _PATCH_PX])
        rows, columns = np.nonzero(patch)
        if len(rows) < 12:
            return False
        centre = np.array([columns.mean() + left + 0.5, rows.mean() + top + 0.5])
        if np.abs(centre - (u, v)).max() > _PATCH_PX / 2:
            return False
        sizes.append(len(rows))
    return bool(max(sizes) < 1.5 * min(sizes))


def _exchange_channels(images: Tensor, permutation: np.ndarray) -> Tensor:
    """Float pictures whose saturated pixels have other colours; pale and dark ones (table, robot) keep them.

    Exchanged everywhere, a coloured table would tell the network which pictures are recorded ones.
    """
    # (batch, 3): new channel -> recorded one
    source = np.argsort(np.asarray(PERMUTATIONS), axis=1)[permutation]
    exchanged = images[torch.arange(len(images))[:, None], torch.as_tensor(source, device=images.device)]
    brightest = images.amax(1, keepdim=True).float()
    spread = brightest - images.amin(1, keepdim=True).float()
    saturated = ((spread / brightest.clamp_min(1) - 0.5) / 0.15).clamp(0, 1)
    colourful = saturated * ((brightest - 30) / 30).clamp(0, 1)
    return images + colourful * (exchanged.float() - images.float())


def _augment(images: Tensor, shift: np.ndarray, rng: np.random.Generator) -> Tensor:
    """Shift by whole pixels (edge repeated), brightness, contrast and colour balance, a little noise."""
    batch, _, height, width = images.shape
    limit = int(np.abs(shift).max(initial=0))
    if limit:
        padded = torch.nn.functional.pad(images.float(), (limit,) * 4, mode="replicate")
        images = torch.stack(
            [
                padded[i, :, limit - dv : limit - dv + height, limit - du : limit - du + width]
                for i, (du, dv) in enumerate(shift.tolist())
            ]
        )
    gain = torch.as_tensor(
        rng.uniform(0.8, 1.2, (batch, 1, 1, 1)) * rng.uniform(0.95, 1.05, (batch, 3, 1, 1))
    )
    bias = torch.as_tensor(rng.uniform(-12, 12, (batch, 1, 1, 1)))
    images = images.float() * gain.to(images.device, torch.float32) + bias.to(images.device, torch.float32)
    seed = int(rng.integers(2**31))
    generator = torch.Generator(images.device).manual_seed(seed)
    noise = torch.randn(batch, 1, height, width, generator=generator, device=images.device)
    return (images + 3.0 * noise).clamp(0, 255)
