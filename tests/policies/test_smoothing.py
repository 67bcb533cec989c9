"""A chunk begins as the plan goes on, keeps what is slow, and loses its tremble."""

import numpy as np

from policies.smoothing import FADE_STEPS, join_and_smooth

STEPS = np.arange(50.0)
NO_PLAN = np.zeros((0, 2))


def path(phase: float = 0.0) -> np.ndarray:
    """A motion of 0.4 Hz, shape (50, 2)."""
    return np.stack([np.sin(0.05 * STEPS + phase), 0.3 * np.cos(0.05 * STEPS + phase)], axis=1)


def jerk(positions: np.ndarray) -> float:
    return float(np.abs(np.diff(positions, n=3, axis=0)).max())


def test_a_parabola_stays_what_it_is():
    parabola = np.stack([STEPS**2, 3.0 - STEPS], axis=1) * 1e-3
    np.testing.assert_allclose(join_and_smooth(parabola, NO_PLAN), parabola, atol=1e-9)


def test_slow_motion_passes_and_tremble_does_not():
    tremble = 0.01 * np.random.default_rng(0).standard_normal((50, 2))
    smooth = join_and_smooth(path() + tremble, NO_PLAN)
    assert np.abs(smooth - path()).max() < 0.02
    assert jerk(smooth) < 0.05 * jerk(path() + tremble)


def test_it_begins_as_the_plan_goes_on_and_ends_as_the_chunk_does():
    plan, chunk = path()[:40], path() + 0.1
    joined = join_and_smooth(chunk, plan)
    np.testing.assert_allclose(joined[:3], plan[:3], atol=0.006)  # of 0.1 between them
    np.testing.assert_allclose(joined[FADE_STEPS + 10 :], chunk[FADE_STEPS + 10 :], atol=0.01)
    assert jerk(joined) < 0.1 * 0.1  # a jump of 0.1 would be a jerk of as much


def test_a_short_plan_leads_in_and_the_chunk_is_not_changed_in_place():
    chunk = path()
    before = chunk.copy()
    joined = join_and_smooth(chunk, path()[:2] + 0.01)
    np.testing.assert_array_equal(chunk, before)
    np.testing.assert_allclose(joined[:2], path()[:2] + 0.01, atol=2e-3)
    assert join_and_smooth(path()[:1], NO_PLAN).shape == (1, 2)
