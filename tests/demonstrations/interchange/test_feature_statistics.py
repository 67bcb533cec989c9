"""Statistics agree with numpy's on the same values."""

import numpy as np

from demonstrations.interchange.feature_statistics import (
    QUANTILES,
    STATISTICS,
    PixelStatistics,
    value_statistics,
)


def test_values_have_numpys_statistics():
    values = np.random.default_rng(0).normal(size=(100, 3))
    statistics = value_statistics(values)
    assert tuple(statistics) == STATISTICS
    np.testing.assert_allclose(statistics["std"], values.std(0))
    np.testing.assert_allclose(statistics["q10"], np.quantile(values, 0.1, axis=0))
    assert statistics["count"] == [100]
    assert value_statistics(np.arange(5))["max"] == [4.0]


def test_pixels_have_the_statistics_of_all_pictures_together():
    images = np.random.default_rng(1).integers(0, 256, (4, 6, 8, 3), np.uint8)
    images[..., 2] //= 3
    first, second = PixelStatistics(), PixelStatistics()
    for image in images[:2]:
        first.add(image, stride=1)
    for image in images[2:]:
        second.add(image, stride=1)
    first.merge(second)
    statistics = first.to_lists()
    pixels = images.reshape(-1, 3) / 255
    assert statistics["count"] == [4]
    for name, wanted in (("min", pixels.min(0)), ("max", pixels.max(0)), ("mean", pixels.mean(0))):
        np.testing.assert_allclose(np.ravel(statistics[name]), wanted)
    np.testing.assert_allclose(np.ravel(statistics["std"]), pixels.std(0))
    for q in QUANTILES:
        wanted = np.quantile(pixels, q, axis=0, method="inverted_cdf")
        np.testing.assert_allclose(np.ravel(statistics[f"q{round(q * 100):02d}"]), wanted, atol=1e-12)
    assert np.shape(statistics["mean"]) == (3, 1, 1)
