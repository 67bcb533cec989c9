"""A gamepad in a person's hands: each stick moves one arm, each trigger closes its gripper."""

import os

from policies.teleoperation.jog import Jog, JogModes
from policies.teleoperation.pygame_events import load_pygame
from robotics.errors import RoboticsError
from robotics.teleoperator import TeleoperatorEvent

GAMEPAD_HELP = (
    "left stick, right stick   move the left, right arm along x and y",
    "  with LB, RB held        up and down (z), and turn about z",
    "LT, RT                    close the gripper; with LB, RB held: open it",
    "d-pad                     up, down: speed; left: axes of world or tool; right: move or turn",
    "A success   B failure   X again   Y take or give control   Start begin   Back discard",
)
_FULL = 32767.0
_DEAD_ZONE = 0.15


class Gamepad:
    """Implements JogSource on SDL's game controllers, whose layout is the same for every make.

    All but `jog` belong to the thread that made it.
    """

    name = "gamepad"

    def __init__(self, device: int = 0):
        """
        Raises:
            RoboticsError: pygame is not installed, or no gamepad is connected.
        """
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
        os.environ.setdefault("SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS", "1")
        self._pygame = load_pygame()
        from pygame._sdl2 import controller

        self._pygame.display.init()  # events come with it
        controller.init()
        self._module = controller
        found = [index for index in range(controller.get_count()) if controller.is_controller(index)]
        if device >= len(found):
            raise RoboticsError("no gamepad is connected; connect one, or use teleop:keyboard")
        self._device = controller.Controller(found[device])
        self._connect()

    def _connect(self) -> None:
        pygame = self._pygame
        self.modes = JogModes()
        self._axes: dict[int, float] = {}
        self._down: set[int] = set()
        self._sticks = (
            (pygame.CONTROLLER_AXIS_LEFTX, pygame.CONTROLLER_AXIS_LEFTY),
            (pygame.CONTROLLER_AXIS_RIGHTX, pygame.CONTROLLER_AXIS_RIGHTY),
        )
        self._triggers = pygame.CONTROLLER_AXIS_TRIGGERLEFT, pygame.CONTROLLER_AXIS_TRIGGERRIGHT
        self._shifts = pygame.CONTROLLER_BUTTON_LEFTSHOULDER, pygame.CONTROLLER_BUTTON_RIGHTSHOULDER
        self._says = {
            pygame.CONTROLLER_BUTTON_A: TeleoperatorEvent.SUCCESS,
            pygame.CONTROLLER_BUTTON_B: TeleoperatorEvent.FAILURE,
            pygame.CONTROLLER_BUTTON_X: TeleoperatorEvent.RERECORD,
            pygame.CONTROLLER_BUTTON_Y: TeleoperatorEvent.INTERVENTION_START,
            pygame.CONTROLLER_BUTTON_START: TeleoperatorEvent.START,
            pygame.CONTROLLER_BUTTON_BACK: TeleoperatorEvent.DISCARD,
        }

    def jog(self) -> Jog:
        arms = []
        for (x, y), trigger, shift in zip(self._sticks, self._triggers, self._shifts, strict=True):
            right, away = self._axis(x), -self._axis(y)
            shifted = shift in self._down
            pressed = self._axis(trigger)
            opening = pressed if shifted else -pressed
            if shifted and not self.modes.turning:
                arm = self.modes.arm((0.0, 0.0, away), opening)
                arms.append(type(arm)(arm.linear, (0.0, 0.0, -right), opening))
            else:
                arms.append(self.modes.arm((0.0, 0.0, away) if shifted else (right, away, 0.0), opening))
        return Jog(tuple(arms), self.modes.in_tool_frame, self.modes.speed)

    def _axis(self, axis: int) -> float:
        """-1 .. 1, 0 around the middle."""
        value = self._axes.get(axis, 0.0)
        beyond = max(0.0, abs(value) - _DEAD_ZONE) / (1.0 - _DEAD_ZONE)
        return min(1.0, beyond) * (1.0 if value > 0 else -1.0)

    def poll_events(self) -> tuple[TeleoperatorEvent, ...]:
        pygame, said = self._pygame, []
        for event in pygame.event.get():
            if event.type == pygame.CONTROLLERAXISMOTION:
                self._axes[event.axis] = event.value / _FULL
            elif event.type == pygame.CONTROLLERBUTTONUP:
                self._down.discard(event.button)
            elif event.type == pygame.CONTROLLERBUTTONDOWN:
                self._down.add(event.button)
                self._switch(event.button)
                if event.button in self._says:
                    said.append(self._says[event.button])
            elif event.type == pygame.CONTROLLERDEVICEREMOVED:
                self._axes.clear()  # an arm must not go on because its stick was unplugged
                self._down.clear()
                raise RoboticsError("the gamepad was disconnected")
        return tuple(said)

    def _switch(self, button: int) -> None:
        pygame, modes = self._pygame, self.modes
        if button == pygame.CONTROLLER_BUTTON_DPAD_UP:
            modes.faster()
        elif button == pygame.CONTROLLER_BUTTON_DPAD_DOWN:
            modes.slower()
        elif button == pygame.CONTROLLER_BUTTON_DPAD_LEFT:
            modes.in_tool_frame = not modes.in_tool_frame
        elif button == pygame.CONTROLLER_BUTTON_DPAD_RIGHT:
            modes.turning = not modes.turning

    def close(self) -> None:
        self._module.quit()
        self._pygame.display.quit()
