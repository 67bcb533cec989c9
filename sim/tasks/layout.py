"""Random places on the table that keep their distance."""

import numpy as np


def scatter(
    rng: np.random.Generator,
    count: int,
    lower: tuple[float, float],
    upper: tuple[float, float],
    spacing: float,
) -> np.ndarray:
    """Uniform points in a rectangle, no two closer than `spacing` [m], shape (count, 2) [m].

    Raises:
        ValueError: So many points do not fit (none found in 10,000 draws).
    """
    for _ in range(10_000):
        points = rng.uniform(lower, upper, size=(count, 2))
        gaps = np.linalg.norm(points[:, None] - points[None], axis=-1)[np.triu_indices(count, 1)]
        if gaps.size == 0 or gaps.min() >= spacing:
            return points
    raise ValueError(f"{count} points at least {spacing} m apart do not fit between {lower} and {upper}")
