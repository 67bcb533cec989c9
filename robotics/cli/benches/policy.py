"""How long a policy takes from observation to action chunk, and its slow and fast half."""

from robotics.cli.benches.measurement import Measurement, distribution, timed
from robotics.cli.connect import connect, make_policy


def measure(robot: str, quick: bool) -> list[Measurement]:
    """The policy that ships for the robot."""
    import torch

    from policies.learned import LearnedPolicy

    session = connect(robot, lockstep=True)
    try:
        policy = make_policy("shipped", session)
        session.reset(session.describe().tasks[0].name, 0)
        policy.reset()
        observation = session.observe(policy.cameras)
        count = 20 if quick else 200
        note = f"{policy.name}, {len(policy.cameras)} cameras, {torch.get_num_threads()} threads"
        rows = [
            distribution("observation to chunk", "ms", timed(lambda: policy.act(observation), count), note)
        ]
        if isinstance(policy, LearnedPolicy):
            look = timed(lambda: policy.look(observation), count)
            context = policy.look(observation)
            decide = timed(lambda: policy.decide(observation, context), count)
            rows.append(distribution("slow half: pictures to context", "ms", look, "look"))
            rows.append(distribution("fast half: newest joints to chunk", "ms", decide, "decide"))
        return rows
    finally:
        session.close()
