"""`robotics embodiment list`: the built-in robots."""

from dataclasses import dataclass

from robotics.embodiments import embodiment_names, load_embodiment


@dataclass(frozen=True)
class Arguments:
    """List the built-in robots.

    Example:
      robotics embodiment list
    """


def main(arguments: Arguments) -> int:
    for name in embodiment_names():
        embodiment = load_embodiment(name)
        arms = ", ".join(f"{arm.name} ({len(arm.joint)} joints)" for arm in embodiment.arm)
        print(f"{name}")
        print(f"    {embodiment.description}")
        print(
            f"    arms: {arms}; {embodiment.action_dim} action dimensions "
            f"at {embodiment.control_rate_hz} Hz; cameras: {', '.join(embodiment.camera_names)}"
        )
    return 0
