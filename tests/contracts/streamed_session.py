"""The streams of a robot that a test plays, for recorders."""

import queue

from contracts.demonstration_episodes import PERIOD_NS, make_image, make_state
from contracts.fake_embodiment import fake_embodiment

from robotics.observation import CameraFrame
from robotics.session import RobotDescription

END = object()


class StreamedSession:
    """The part of a RobotSession that a recorder uses; the test plays the robot."""

    def __init__(self, embodiment=None):
        self.embodiment = embodiment or fake_embodiment()
        self._states, self._frames = queue.Queue(), queue.Queue()

    def describe(self):
        return RobotDescription(self.embodiment, "clock", lockstep=False, simulated=True)

    def states(self):
        yield from self._stream(self._states)

    def frames(self, cameras):
        assert tuple(cameras) == self.embodiment.camera_names
        yield from self._stream(self._frames)

    def _stream(self, stream):
        while (item := stream.get()) is not END:
            if isinstance(item, Exception):
                raise item
            yield item
            stream.task_done()  # asking for the next item, the recorder is done with this one

    def play(self, ticks, events=None, settle=True):
        """Ticks with a frame of each camera every other one; `events` by tick.

        The recorder follows both streams in threads of its own: it sees one thing after the other here, but
        without `settle`, as for one that may have given up.
        """
        for tick in ticks:
            self._states.put(make_state(tick, events=tuple((events or {}).get(tick, ()))))
            if settle:
                self.settle()
            if tick % 2 == 0:
                for camera in self.embodiment.camera_names:
                    self._frames.put((camera, CameraFrame(make_image(tick // 2), tick * PERIOD_NS)))
                if settle:
                    self.settle()

    def settle(self):
        """Wait until the recorder has dealt with all that was played."""
        self._states.join()
        self._frames.join()

    def end(self, how=END):
        self._states.put(how)
        self._frames.put(how)
