"""`robotics embodiment show`: one robot's joints, limits, grippers and cameras."""

from dataclasses import dataclass

import tyro

from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment


@dataclass(frozen=True)
class Arguments:
    """Show one robot: joints with limits, grippers, cameras, fingerprint.

    Example:
      robotics embodiment show aloha2
      robotics embodiment show my_robot.toml
    """

    name: tyro.conf.Positional[str]
    """A built-in robot, or the path of a .toml file."""


def main(arguments: Arguments) -> int:
    from robotics.cli.progress import wide_console

    embodiment = load_embodiment(arguments.name)
    console = wide_console()
    console.print(f"[bold]{embodiment.name}[/]  {embodiment.description}")
    console.print(
        f"control {embodiment.control_rate_hz} Hz, servo {embodiment.servo_rate_hz} Hz, "
        f"interface fingerprint {embodiment.interface_fingerprint}, file {embodiment.source}"
    )
    console.print(_joint_table(embodiment))
    console.print(_camera_table(embodiment))
    return 0


def _joint_table(embodiment: Embodiment):
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(
        title="action and state, in this order (gripper: 0 closed .. 1 open)",
        title_justify="left",
        box=SIMPLE,
    )
    for heading in ("#", "name", "unit", "lower", "upper", "home", "vel", "acc", "jerk"):
        table.add_column(heading, justify="left" if heading in ("name", "unit") else "right", no_wrap=True)
    grippers = set(embodiment.gripper_indices.values())
    columns = (
        embodiment.position_lower,
        embodiment.position_upper,
        embodiment.home,
        embodiment.velocity_limit,
        embodiment.acceleration_limit,
        embodiment.jerk_limit,
    )
    for i, name in enumerate(embodiment.action_names):
        unit = "0..1" if i in grippers else "rad"
        table.add_row(str(i), name, unit, *(f"{column[i]:.4g}" for column in columns))
    return table


def _camera_table(embodiment: Embodiment):
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(title="cameras", title_justify="left", box=SIMPLE)
    for heading in ("name", "size", "rate [Hz]", "camera in the model"):
        table.add_column(heading)
    for camera in embodiment.camera:
        table.add_row(
            camera.name, f"{camera.width} x {camera.height}", f"{camera.rate_hz:g}", camera.model_camera
        )
    return table
