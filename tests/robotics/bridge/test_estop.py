"""The robot needs everybody's consent; of several wishes the most restrictive counts."""

import pytest

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.estop import EStopDesk, StopLevel, response_to
from robotics.bridge.statuses import EndpointError, EStopNotClearedError


class WallTime:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Button:
    """An endpoint that answers rightly."""

    def __init__(self, desk: EStopDesk, name: str, timeout_s: float = 1.0):
        self.desk = desk
        self.id, self.challenge = desk.register(name, timeout_s)

    def say(self, level: StopLevel, reason: str = "") -> None:
        self.challenge = self.desk.check_in(
            self.id, level, self.challenge, response_to(self.challenge), reason
        )


@pytest.fixture
def time() -> WallTime:
    return WallTime()


@pytest.fixture
def desk(time: WallTime) -> EStopDesk:
    return EStopDesk(wall_time_s=time)


def test_without_endpoints_nobody_objects(desk: EStopDesk):
    assert desk.demand().level is StopLevel.NONE
    desk.check_cleared()


def test_a_new_endpoint_has_not_consented_yet(desk: EStopDesk):
    button = Button(desk, "bench")
    assert desk.demand().level is StopLevel.PROTECTIVE
    with pytest.raises(EStopNotClearedError, match="'bench': it has not consented yet"):
        desk.check_cleared()
    button.say(StopLevel.NONE)
    desk.check_cleared()


def test_the_most_restrictive_wins(desk: EStopDesk):
    first, second, third = (Button(desk, name) for name in ("a", "b", "c"))
    first.say(StopLevel.NONE)
    second.say(StopLevel.PROTECTIVE, "a door is open")
    third.say(StopLevel.EMERGENCY, "smoke")
    assert desk.demand().level is StopLevel.EMERGENCY and "smoke" in desk.demand().reason
    third.say(StopLevel.NONE)
    assert desk.demand().level is StopLevel.PROTECTIVE and "door" in desk.demand().reason
    second.say(StopLevel.NONE)
    assert desk.demand().level is StopLevel.NONE


def test_silence_is_a_protective_stop_and_an_emergency_stays_one(desk: EStopDesk, time: WallTime):
    button, alarm = Button(desk, "button", 1.0), Button(desk, "alarm", 60.0)
    button.say(StopLevel.NONE)
    alarm.say(StopLevel.NONE)
    time.now_s += 0.9
    assert desk.demand().level is StopLevel.NONE
    time.now_s += 0.2
    assert desk.demand().level is StopLevel.PROTECTIVE
    assert "'button' has been silent for more than 1 s" in desk.demand().reason
    button.say(StopLevel.NONE)
    assert desk.demand().level is StopLevel.NONE
    button.say(StopLevel.EMERGENCY, "pressed")
    time.now_s += 5.0
    assert desk.demand().level is StopLevel.EMERGENCY


def test_a_repeated_answer_keeps_nobody_alive(desk: EStopDesk, time: WallTime):
    endpoint_id, challenge = desk.register("button", 1.0)
    desk.check_in(endpoint_id, StopLevel.NONE, challenge, response_to(challenge))
    time.now_s += 0.9
    with pytest.raises(EndpointError, match="wrong answer"):
        desk.check_in(endpoint_id, StopLevel.NONE, challenge, response_to(challenge))
    time.now_s += 0.2
    assert desk.demand().level is StopLevel.PROTECTIVE


def test_a_wrong_answer_is_no_consent_but_a_wish_to_stop_counts(desk: EStopDesk):
    button = Button(desk, "button")
    with pytest.raises(EndpointError):
        desk.check_in(button.id, StopLevel.NONE, button.challenge, button.challenge)
    assert desk.demand().level is StopLevel.PROTECTIVE
    button.say(StopLevel.NONE)
    with pytest.raises(EndpointError):
        desk.check_in(button.id, StopLevel.EMERGENCY, 0, 0, "help")
    assert desk.demand().level is StopLevel.EMERGENCY


def test_required_endpoints_that_are_missing_stop_the_robot(time: WallTime):
    desk = EStopDesk(required=2, wall_time_s=time)
    assert "0 of 2 required" in desk.demand().reason
    buttons = [Button(desk, name) for name in ("a", "b")]
    for button in buttons:
        button.say(StopLevel.NONE)
    desk.check_cleared()
    assert desk.deregister(buttons[0].id) == "a"
    with pytest.raises(EStopNotClearedError, match="1 of 2"):
        desk.check_cleared()


@pytest.mark.parametrize(
    ("name", "timeout_s"), [("", 1.0), ("x" * 201, 1.0), ("a", 0.01), ("a", float("nan"))]
)
def test_bad_endpoints_are_refused(desk: EStopDesk, name: str, timeout_s: float):
    with pytest.raises(MalformedMessageError, match=r"1 \.\. 200|0\.1 \.\. 60"):
        desk.register(name, timeout_s)


def test_strangers_and_too_many_are_named(desk: EStopDesk):
    for number in range(16):
        Button(desk, f"b{number}")
    with pytest.raises(EndpointError, match="16 endpoints already"):
        desk.register("one more", 1.0)
    with pytest.raises(EndpointError, match="no such endpoint is registered; there are: 'b0'"):
        desk.check_in("stranger", StopLevel.NONE, 0, 0)
