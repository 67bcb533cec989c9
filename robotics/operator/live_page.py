"""A live page in the browser: the arms in 3D, the cameras, an instruction box and a STOP button."""

import threading
import time
from collections.abc import Callable, Mapping

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.errors import RoboticsError
from robotics.kinematics.joint_map import JointMap
from robotics.observation import CameraFrame
from robotics.operator.live_terminal import progress_line
from robotics.operator.run import RunProgress
from robotics.session import RobotSession

_SCENE_PERIOD_S = 1 / 20
_PICTURE_PERIOD_S = 1 / 8


class ViewUnavailableError(RoboticsError):
    """The packages of the live page are not installed."""


class LivePage:
    """Serves one page on this machine only (127.0.0.1), from threads of its own, until `close`."""

    def __init__(
        self,
        session: RobotSession,
        on_instruction: Callable[[str], None],
        instruction: str = "",
        port: int = 8080,
        buttons: Mapping[str, Callable[[], None]] | None = None,
    ):
        """Start serving.

        Args:
            on_instruction: Called (from another thread) with what was typed when Run is pressed.
            buttons: Stand in place of the instruction box: what each does, by its text.

        Raises:
            ViewUnavailableError: viser or mjviser is missing.
        """
        try:
            import viser
            from mjviser import ViserMujocoScene
        except ImportError as error:
            raise ViewUnavailableError(
                f"--view needs the packages of the 'view' extra ({error.name} is missing): "
                'pip install -e ".[view]"'
            ) from error
        self._session = session
        embodiment = session.describe().embodiment
        self._server = viser.ViserServer(host="127.0.0.1", port=port, label="robotics", verbose=False)
        self.address = f"http://127.0.0.1:{self._server.get_port()}"
        self._model = mujoco.MjModel.from_xml_path(str(embodiment.model_path))
        self._data = mujoco.MjData(self._model)
        self._joints = JointMap(embodiment, self._model)
        self._scene = ViserMujocoScene(self._server, self._model, num_envs=1)
        self._scene.camera_tracking_enabled = False  # it would move the world, table excepted
        self._lay_out(embodiment)
        self._ask(instruction, on_instruction, buttons or {})
        self._show_status(embodiment)
        self._closed = threading.Event()
        self._threads = [threading.Thread(target=self._show_scene, name="live page scene", daemon=True)]
        if embodiment.camera:
            self._threads.append(
                threading.Thread(target=self._show_pictures, name="live page pictures", daemon=True)
            )
        for thread in self._threads:
            thread.start()

    def _lay_out(self, embodiment: Embodiment) -> None:
        gui = self._server.gui
        gui.configure_theme(dark_mode=True, control_width="large", show_share_button=False)
        # the table's surface is z = 0 in every embodiment; its size here is only for the eye
        self._server.scene.add_box(
            "/table",
            color=(150, 122, 92),
            dimensions=(1.5, 0.9, 0.02),
            position=(0.0, 0.0, -0.011),
            cast_shadow=False,
            receive_shadow=False,
        )
        self._server.initial_camera.position = (0.25, -1.45, 1.0)
        self._server.initial_camera.look_at = (0.25, 0.0, 0.05)
        stop = gui.add_button("STOP", color="red", hint="Emergency stop: the arms brake and hold")
        release = gui.add_button("Release stop", color="gray")
        stop.on_click(lambda _: self._session.stop("STOP on the live page"))
        release.on_click(lambda _: self._session.release())

    def _ask(
        self,
        instruction: str,
        on_instruction: Callable[[str], None],
        buttons: Mapping[str, Callable[[], None]],
    ) -> None:
        gui = self._server.gui
        if buttons:
            with gui.add_folder("Episode"):
                for text, press in buttons.items():
                    gui.add_button(text).on_click(lambda _, press=press: press())
            return
        with gui.add_folder("Instruction"):
            box = gui.add_text("say", instruction)
            run = gui.add_button("Run", color="green")
        run.on_click(lambda _: on_instruction(box.value))

    def _show_status(self, embodiment: Embodiment) -> None:
        gui = self._server.gui
        with gui.add_folder("Status"):
            self._status = gui.add_markdown("waiting")
            self._bar = gui.add_progress_bar(0.0)
        self._images = {}
        with gui.add_folder("Cameras"):
            for camera in embodiment.camera:
                dark = np.full((camera.height, camera.width, 3), 24, np.uint8)
                self._images[camera.name] = gui.add_image(dark, label=camera.name, format="jpeg")

    def show(self, progress: RunProgress) -> None:
        """Show the newest progress."""
        self._status.content = (
            f"**{progress.instruction}**\n\n{progress.mode.value}, {progress.stage or 'no stage'}\n\n"
            f"`{progress_line(progress)}`"
        )
        self._bar.value = 100.0 * progress.progress

    def say(self, text: str) -> None:
        """Show a line of text in place of the progress."""
        self._status.content = text

    def close(self) -> None:
        self._closed.set()
        for thread in self._threads:  # what they still say would be said to nobody
            thread.join(timeout=1.0)
        self._server.stop()

    def _show_scene(self) -> None:
        due = time.monotonic()
        while not self._closed.is_set():
            due = max(due + _SCENE_PERIOD_S, time.monotonic())
            try:
                self._joints.write_qpos(self._session.state().joints.position, self._data.qpos)
            except RoboticsError:
                return
            mujoco.mj_forward(self._model, self._data)
            self._scene.update_from_mjdata(self._data)
            self._closed.wait(max(0.0, due - time.monotonic()))

    def _show_pictures(self) -> None:
        shown: dict[str, float] = {}
        try:
            for name, frame in self._session.frames(tuple(self._images)):
                if self._closed.is_set():
                    return
                now = time.monotonic()
                if now - shown.get(name, 0.0) >= _PICTURE_PERIOD_S:
                    shown[name] = now
                    self._show_picture(name, frame)
        except RoboticsError:
            return

    def _show_picture(self, name: str, frame: CameraFrame) -> None:
        self._images[name].image = frame.image
