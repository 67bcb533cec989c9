"""When a camera's picture is due: by control ticks in lockstep, by capture times in real time."""

from collections.abc import Sequence
from fractions import Fraction

from demonstrations.schema import CameraFormat
from robotics.embodiment import Embodiment


class CameraSchedule:
    """At which control ticks of an episode each camera takes a picture: the first at or after its time."""

    def __init__(self, control_rate_hz: float, cameras: Sequence[CameraFormat]):
        self._period = {
            camera.name: Fraction(control_rate_hz) / Fraction(camera.rate_hz) for camera in cameras
        }  # control ticks a frame
        self._due = dict.fromkeys(self._period, Fraction(0))

    def take(self, tick: int) -> list[str]:
        """The cameras that are due at `tick`; each is then due again one frame period later."""
        due = [name for name, when in self._due.items() if when <= tick]
        for name in due:
            period = self._period[name]
            self._due[name] += period * (1 + (tick - self._due[name]) // period)
        return due

    def next_tick(self) -> int | None:
        """The first tick at which a camera is due; None without cameras."""
        return min((-(-when.numerator // when.denominator) for when in self._due.values()), default=None)


class FrameThinning:
    """Which frames of a real-time stream to keep, where a dataset wants fewer than the camera takes."""

    def __init__(self, embodiment: Embodiment, cameras: Sequence[CameraFormat]):
        self._period_ns = {
            camera.name: int(1e9 / camera.rate_hz)
            for camera in cameras
            if camera.rate_hz < embodiment.get_camera(camera.name).rate_hz
        }
        self._due_ns: dict[str, int] = {}

    def keep(self, camera: str, time_ns: int) -> bool:
        """Whether to keep a frame captured at `time_ns` [ns]; on average the dataset's rate is kept."""
        period_ns = self._period_ns.get(camera)
        if period_ns is None:
            return True
        due_ns = self._due_ns.get(camera, time_ns)
        if time_ns < due_ns - period_ns // 4:
            return False
        self._due_ns[camera] = max(due_ns + period_ns, time_ns + period_ns // 2)
        return True

    def restart(self) -> None:
        """Every camera is due at once."""
        self._due_ns.clear()
