"""The live page serves on this machine only, and says what is missing where it cannot."""

import sys
import urllib.request

import pytest
from contracts.fake_robot import FakeRobot
from contracts.realtime_session import RealtimeFakeSession

from robotics.embodiments import load_embodiment
from robotics.operator.live_page import LivePage, ViewUnavailableError
from robotics.operator.run import RunProgress
from robotics.session import LatencyStatistics, RobotMode


def test_the_page_answers_on_loopback_and_shows_progress():
    pytest.importorskip("mjviser")
    session = RealtimeFakeSession(FakeRobot(load_embodiment("aloha2")))
    page = LivePage(session, lambda text: None, "open the drawer", port=18080)
    try:
        assert page.address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(page.address, timeout=10) as answer:
            assert answer.status == 200
        none = LatencyStatistics("chunk", 0, 0.0, 0.0, 0.0, 0.0)
        page.show(
            RunProgress(
                task="open_drawer",
                instruction="open the drawer",
                elapsed_s=1.0,
                time_limit_s=10.0,
                mode=RobotMode.EXECUTING,
                control_rate_hz=50.0,
                chunk=none,
                act=none,
                missed_deadlines=0,
                starvations=0,
                guard_interventions=0,
                progress=0.5,
                stage="reach",
            )
        )
    finally:
        page.close()
        session.close()


def test_without_its_packages_the_page_names_the_command_that_installs_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "viser", None)
    session = RealtimeFakeSession()
    try:
        with pytest.raises(ViewUnavailableError, match="pip install"):
            LivePage(session, lambda text: None)
    finally:
        session.close()


def test_buttons_stand_in_place_of_the_instruction_box():
    pytest.importorskip("mjviser")
    session = RealtimeFakeSession(FakeRobot(load_embodiment("aloha2")))
    pressed = []
    page = LivePage(
        session, lambda text: None, port=18081, buttons={"Begin": lambda: pressed.append("begin")}
    )
    try:
        page.say("ready")
        assert page._status.content == "ready"
    finally:
        page.close()
        session.close()
