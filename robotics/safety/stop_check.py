"""Whether a stop that was planned keeps the limits of position and velocity on its way."""

from robotics.safety.braking import Stop, fastest, motion_in, reversal
from robotics.safety.compiled import compiled
from robotics.safety.motion_limits import MotionLimits, greatest_step, keeps_envelope, least_step


@compiled
def can_stop(
    stop: Stop, position: float, limits: MotionLimits, joint: int, lower: float, upper: float
) -> bool:
    """Whether `stop`, which starts at `position` and keeps acceleration and jerk, keeps the rest.

    Args:
        lower: Position limit in force.
        upper: And the upper one.
    """
    speed = fastest(stop)
    if speed > limits.step_slack[joint]:
        return False
    end, back = position + stop.travel, position + reversal(stop)
    highest, lowest = max(end, back), min(end, back)
    if highest > upper + 1e-12 or lowest < lower - 1e-12:
        return False
    if speed <= min(greatest_step(limits, joint, highest), -least_step(limits, joint, lowest)):
        return True
    # Only such a joint has to be followed on its way.
    for tick in range(int(stop.length) + 1):
        travel, step, _ = motion_in(stop, float(tick))
        if not keeps_envelope(limits, joint, position + travel, step):
            return False
    return True
