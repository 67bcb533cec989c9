"""What a perfect network would say about a sample: the inverse of the decoding."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from contracts.painted_scenes import HEIGHT, WIDTH

from policies.reasoner.embedded import EmbeddedReasoner
from policies.reasoner.losses import collate
from policies.reasoner.model_folder import MatchCalibration, ReasonerModel
from policies.reasoner.network import MAPS, STRIDE, WORDS, Maps, ReasonerNet
from policies.reasoner.scene_samples import TARGETS, Sample, SceneViews
from policies.reasoner.training_run import preset
from robotics.reasoning.scenes.folder import SceneFolder

SURE = 12.0


def true_maps(sample: Sample) -> Maps:
    """Maps of a batch of one."""
    batch = collate([sample])
    cells = batch.cells[0].numpy()
    rows, columns = np.indices(cells.shape)
    values: dict[str, np.ndarray] = {
        name: np.zeros((channels, *cells.shape), np.float32) for name, channels in MAPS.items()
    }
    on = cells >= 0
    values["thing"][0] = np.where(on, SURE, -SURE)
    middle = batch.middle[0].numpy().clip(1e-3, 0.999)
    values["middle"][0] = np.log(middle / (1 - middle))
    values["table"][0] = np.where(sample.table, SURE, -SURE)
    values["handle"][0] = np.where(sample.handle, SURE, -SURE)
    t = {name: np.where(on, sample.targets[cells, i], 0.0) for i, name in enumerate(TARGETS)}
    x, y = (columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE
    away = np.stack([x - t["left"], y - t["top"], t["right"] - x, t["bottom"] - y]).clip(0.1, None) / (
        8 * STRIDE
    )
    values["sides"] = np.log(np.expm1(away))
    surface = np.nan_to_num(np.moveaxis(sample.surface, -1, 0))
    values["offset"] = (np.stack([t["x"], t["y"], t["z"]]) - surface) * 10
    values["log_size"] = np.stack([t["log_x"], t["log_y"], t["log_z"]])
    values["yaw2"] = np.stack([t["sin2"], t["cos2"]])
    values["yaw4"] = np.stack([t["sin4"], t["cos4"]])
    values["round"][0] = np.where(t["symmetry"] == 0, SURE, -SURE).astype(np.float32)
    values["centre"] = np.stack(
        [(t["column"] - x) / (8 * STRIDE), (t["row"] - y) / (8 * STRIDE), t["log_depth"]]
    )
    words = {}
    for kind, (name, known) in enumerate(WORDS.items()):
        logits = np.zeros((len(known), *cells.shape), np.float32)
        for number, spoken in enumerate(sample.words):
            logits[known.index(spoken[kind]), cells == number] = SURE
        words[name] = torch.from_numpy(logits)[None]
    return Maps({name: torch.from_numpy(v.astype(np.float32))[None] for name, v in values.items()}, words)


def truthful_reasoner(scenes: Path, monkeypatch: pytest.MonkeyPatch) -> EmbeddedReasoner:
    """One whose network says the truth about painted scenes, until the test ends."""
    views, pictures = SceneViews([scenes]), [s.view.image for s in SceneFolder(scenes)]

    def say_truth(self: ReasonerNet, images: torch.Tensor, geometry: torch.Tensor) -> Maps:
        picture = (images[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        return true_maps(views.sample(next(i for i, p in enumerate(pictures) if (p == picture).all())))

    monkeypatch.setattr(ReasonerNet, "forward", say_truth)
    config = replace(preset("debug").first.network, height=HEIGHT, width=WIDTH)
    return EmbeddedReasoner(ReasonerModel(ReasonerNet(config).eval(), MatchCalibration()))
