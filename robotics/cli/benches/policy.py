"""How long a policy takes from observation to action chunk, on a machine that does nothing else."""

from robotics.cli.benches.measurement import Measurement, distribution, timed
from robotics.cli.connect import connect, make_policy


def measure(robot: str, quick: bool) -> list[Measurement]:
    """The policy that ships for the robot."""
    import torch

    session = connect(robot, lockstep=True)
    try:
        policy = make_policy("shipped", session)
        session.reset(session.describe().tasks[0].name, 0)
        policy.reset()
        observation = session.observe(policy.cameras)
        times = timed(lambda: policy.act(observation), 20 if quick else 200)
        note = f"{policy.name}, {len(policy.cameras)} cameras, {torch.get_num_threads()} threads"
        return [distribution("observation to chunk", "ms", times, note)]
    finally:
        session.close()
