"""Keys by which a person says how a recording goes on, whatever moves the robot."""

from robotics.teleoperator import TeleoperatorEvent

SESSION_KEYS = {
    "\n": TeleoperatorEvent.START,
    "g": TeleoperatorEvent.SUCCESS,
    "b": TeleoperatorEvent.FAILURE,
    "t": TeleoperatorEvent.RERECORD,
    "n": TeleoperatorEvent.DISCARD,
    "c": TeleoperatorEvent.INTERVENTION_START,
    "q": TeleoperatorEvent.QUIT,
}
"""None of them moves an arm, see policies/teleoperation/keyboard.py."""

SESSION_BUTTONS = {
    "Begin": TeleoperatorEvent.START,
    "Good: keep": TeleoperatorEvent.SUCCESS,
    "Bad: keep as failed": TeleoperatorEvent.FAILURE,
    "Try the same again": TeleoperatorEvent.RERECORD,
    "Not kept, next": TeleoperatorEvent.DISCARD,
    "Take control, or give it back": TeleoperatorEvent.INTERVENTION_START,
    "Quit": TeleoperatorEvent.QUIT,
}
"""The same on a page."""

STOP_KEY = " "

SESSION_KEY_HELP = (
    "episode    Enter: begin   g: good, keep   b: bad, keep as failed   t: try the same again   "
    "n: not kept, next",
    "           c: take control, give it back   q: quit   space: EMERGENCY STOP",
)
