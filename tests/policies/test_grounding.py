"""The grounding network of one camera."""

import torch

from policies.grounding import POINTS, STRIDE, GroundingConfig, GroundingLabels, GroundingNet, grounding_loss

CONFIG = GroundingConfig(
    48, 64, depth_centre_m=1.0, depth_scale_m=0.1, channels=16, fine_channels=8, dilations=(1,)
)


def labels_at(pixel: torch.Tensor, in_view: bool = True) -> GroundingLabels:
    batch = len(pixel)
    flags = torch.full((batch, 2), in_view)
    return GroundingLabels(
        pixel, torch.full((batch, 2), 1.05), torch.rand(batch, 2, 6), flags, torch.ones_like(flags), flags
    )


def perfect_maps(labels: GroundingLabels) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rows, columns = CONFIG.height // STRIDE, CONFIG.width // STRIDE
    cell = labels.pixel / STRIDE - 0.5
    du = cell[..., 0, None, None] - torch.arange(columns)
    dv = cell[..., 1, None, None] - torch.arange(rows)[:, None]
    heat = -(du**2 + dv**2) / (2 * 0.8**2)
    shape = heat.shape
    values = torch.stack(
        [du.expand(shape), dv.expand(shape), torch.full(shape, 0.5)]
        + [labels.rotation_axes[..., i, None, None].expand(shape) for i in range(6)],
        dim=2,
    )
    return heat, torch.full(shape[:2], -30.0), values


class Fixed(GroundingNet):
    """Answers given maps, whatever the picture."""

    def __init__(self, maps):
        super().__init__(CONFIG, 8)
        self.maps = maps

    def forward(self, images, text, shift=None):
        return self.maps


def test_perfect_maps_have_no_regression_loss_and_ground_to_the_labelled_pixel():
    torch.manual_seed(1)
    labels = labels_at(torch.rand(5, 2, 2) * torch.tensor([56.0, 40.0]) + 4)
    maps = perfect_maps(labels)
    net = Fixed(maps)
    losses = grounding_loss(net, maps, labels)
    assert losses["offset"] < 1e-5 and losses["depth"] < 1e-5 and losses["rotation"] < 1e-5
    grounded = net.ground(torch.zeros(5, 3, 48, 64), torch.zeros(5, 8))
    torch.testing.assert_close(grounded.pixel, labels.pixel, atol=1e-3, rtol=0)
    torch.testing.assert_close(grounded.depth_m, labels.depth_m, atol=1e-4, rtol=0)
    assert (grounded.confidence > 0.99).all()


def test_wrong_maps_cost_more_than_right_ones():
    torch.manual_seed(2)
    labels = labels_at(torch.tensor([[[20.0, 20.0], [40.0, 30.0]]]))
    elsewhere = labels_at(torch.tensor([[[40.0, 30.0], [20.0, 20.0]]]))
    net = Fixed(perfect_maps(labels))
    right = grounding_loss(net, perfect_maps(labels), labels)["heat"]
    wrong = grounding_loss(net, perfect_maps(elsewhere), labels)["heat"]
    assert wrong > right + 5


def test_a_point_out_of_view_teaches_absence_only():
    labels = labels_at(torch.full((2, 2, 2), -50.0), in_view=False)
    net = GroundingNet(CONFIG, 8)
    maps = net(torch.zeros(2, 3, 48, 64), torch.zeros(2, 8))
    losses = grounding_loss(net, maps, labels)
    assert losses["heat"] > 0 and losses["offset"] == 0 and losses["rotation"] == 0


def test_the_network_learns_to_point_at_the_thing_that_the_text_names():
    """A bright square and a dark one; the text says which: after a few steps it points within a cell."""
    torch.manual_seed(3)
    generator = torch.Generator().manual_seed(3)
    net = GroundingNet(CONFIG, 8)
    optimiser = torch.optim.AdamW(net.parameters(), lr=5e-3)

    def batch(n=24):
        images = torch.full((n, 3, 48, 64), 110.0)
        where = torch.randint(8, 40, (n, 2, 2), generator=generator)
        where[:, 1, 0] = (where[:, 0, 0] + 16) % 48 + 6
        for i in range(n):
            for j, value in enumerate((220.0, 10.0)):
                u, v = where[i, j].tolist()
                images[i, :, v - 4 : v + 4, u - 4 : u + 4] = value
        wanted = torch.randint(0, 2, (n,), generator=generator)
        text = torch.nn.functional.one_hot(wanted, 8).float() * 3
        pixel = torch.stack([where[i, [w, 1 - w]] for i, w in enumerate(wanted.tolist())]).float()
        return images, text, pixel

    for _ in range(120):
        images, text, pixel = batch()
        losses = grounding_loss(net, net(images, text), labels_at(pixel))
        optimiser.zero_grad()
        (losses["heat"] + losses["offset"]).backward()
        optimiser.step()
    net.eval()
    images, text, pixel = batch(64)
    with torch.no_grad():
        error = (net.ground(images, text).pixel - pixel).norm(dim=-1)
    assert error.shape == (64, len(POINTS))
    assert error.median() < STRIDE


def test_the_network_fused_for_inference_gives_the_same_maps():
    torch.manual_seed(4)
    net = GroundingNet(CONFIG, 8)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            assert module.running_mean is not None and module.running_var is not None
            torch.nn.init.normal_(module.running_mean)
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)
            torch.nn.init.normal_(module.weight)
    net.eval()
    images, text = torch.rand(2, 3, 48, 64) * 255, torch.randn(2, 8)
    with torch.no_grad():
        for fused, plain in zip(net.fused()(images, text), net(images, text), strict=True):
            torch.testing.assert_close(fused, plain, atol=1e-3, rtol=1e-4)
    assert any(
        isinstance(module, torch.nn.BatchNorm2d) for module in net.modules()
    )  # the original is as it was
