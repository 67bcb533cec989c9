"""The action decoder."""

import torch

from policies.decoder import ActionDecoder, DecoderConfig


def test_the_flow_learns_a_chunk_that_depends_on_the_condition():
    torch.manual_seed(0)
    decoder = ActionDecoder(
        DecoderConfig(3, 4, horizon=10, patch=5, width=32, layers=1, heads=2, flow_steps=8)
    )
    optimiser = torch.optim.AdamW(decoder.parameters(), lr=3e-3)
    ramp = torch.linspace(-1, 1, 10)[None, :, None]
    for _ in range(400):
        condition = torch.randn(64, 4)
        chunk = condition[:, None, :1] * ramp.expand(64, 10, 3)
        loss = decoder.loss(chunk, condition, torch.ones(64, 10))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    condition = torch.randn(32, 4)
    wanted = condition[:, None, :1] * ramp.expand(32, 10, 3)
    error = (decoder.decode(condition, torch.randn(32, 10, 3)) - wanted).abs().mean()
    assert error < 0.15 * wanted.abs().mean() + 0.1


def test_decoding_is_deterministic_given_the_noise():
    torch.manual_seed(0)
    decoder = ActionDecoder(DecoderConfig(14, 20))
    condition, noise = torch.randn(2, 20), torch.randn(2, 50, 14)
    assert torch.equal(decoder.decode(condition, noise), decoder.decode(condition, noise))
    assert decoder.decode(condition, noise).shape == (2, 50, 14)


def test_masked_steps_do_not_count():
    torch.manual_seed(0)
    decoder = ActionDecoder(DecoderConfig(2, 3, horizon=10))
    chunk, condition = torch.randn(4, 10, 2), torch.randn(4, 3)
    mask = torch.ones(4, 10)
    mask[:, 5:] = 0
    other = chunk.clone()
    other[:, 5:] += 100.0
    torch.manual_seed(5)
    first = decoder.loss(chunk, condition, mask)
    torch.manual_seed(5)
    second = decoder.loss(other, condition, mask * 1.0)
    # the network sees the masked steps, so only the direct error must be absent
    assert second < 100
    assert torch.isfinite(first)
