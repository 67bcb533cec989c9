"""How long one camera picture takes."""

from robotics.cli.benches.measurement import Measurement, distribution, timed
from robotics.cli.connect import connect


def measure(robot: str, quick: bool) -> list[Measurement]:
    """Each camera by itself, read back to memory."""
    session = connect(robot, lockstep=True)
    try:
        session.reset(session.describe().tasks[0].name, 0)
        results = []
        for camera in session.describe().embodiment.camera:
            times = timed(lambda name=camera.name: session.observe((name,)), 20 if quick else 200)
            results.append(
                distribution(f"picture {camera.name}", "ms", times, f"{camera.width} x {camera.height}")
            )
        return results
    finally:
        session.close()
