"""How fast a joint may move towards a point and still stop there, in discrete time.

Unit of distance is `acceleration * period^2`, unit of speed one such distance per servo tick: in
these units a joint can change its speed by at most 1 a tick. A joint that moves by `y` in this tick
and brakes as hard as it can from the next one on covers y + (y-1) + (y-2) + ... until it stands.
"""

import numpy as np


def stopping_distance(speed: np.ndarray) -> np.ndarray:
    """Distance covered by a move of `speed` >= 0 in this tick and braking from the next one on."""
    whole = np.floor(speed)
    return (whole + 1.0) * (speed - 0.5 * whole)


def braking_speed(distance: np.ndarray, out: np.ndarray, scratch: np.ndarray) -> np.ndarray:
    """Inverse of `stopping_distance`: the greatest move in this tick that still stops within `distance`.

    Args:
        distance: >= 0, any shape.
        out: Receives and is the result, same shape; must not be `distance`.
        scratch: Overwritten, same shape.
    """
    # stopping_distance joins the points (k, k (k+1) / 2) by straight lines: find the line, then invert it.
    np.multiply(distance, 8.0, out=scratch)
    scratch += 1.0
    np.sqrt(scratch, out=scratch)
    scratch -= 1.0
    scratch *= 0.5
    np.floor(scratch, out=scratch)
    np.add(scratch, 1.0, out=out)
    np.divide(distance, out, out=out)
    scratch *= 0.5
    out += scratch
    return out
