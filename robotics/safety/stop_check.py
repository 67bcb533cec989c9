"""Whether a stop that was planned keeps the limits of position and velocity on its way."""

from robotics.safety.braking import Stop, fastest, motion_in, reversal
from robotics.safety.compiled import compiled
from robotics.safety.motion_limits import MotionLimits, greatest_step, keeps_envelope, least_step


@compiled
def can_stop(stop: Stop, position: float, limits: MotionLimits[float]) -> bool:
    """Whether `stop`, which starts at `position` and keeps acceleration and jerk, keeps the rest."""
    speed = fastest(stop)
    if speed > limits.step_slack:
        return False
    end, back = position + stop.travel, position + reversal(stop)
    highest, lowest = max(end, back), min(end, back)
    if highest > limits.upper + 1e-12 or lowest < limits.lower - 1e-12:
        return False
    if speed <= min(greatest_step(limits, highest), -least_step(limits, lowest)):
        return True
    # Only such a joint has to be followed on its way.
    for tick in range(int(stop.length) + 1):
        travel, step, _ = motion_in(stop, float(tick))
        if not keeps_envelope(limits, position + travel, step):
            return False
    return True
