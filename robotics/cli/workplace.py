"""What a worker process of `eval`, `record` and `bench` works with: a lockstep session and a policy."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from robotics.cli.connect import close_policy, connect, is_planner, make_policy
from robotics.policy import Policy
from robotics.session import RobotSession


@dataclass(frozen=True)
class WorkplaceConfig:
    """Which robot and which policy."""

    robot: str = "sim:aloha2"
    policy: str = "expert"
    """expert, planner, planner:REASONER, a checkpoint folder, replay:DATASET/EPISODE, or HOST:PORT."""
    perturbation: float = 0.0
    """Exploration noise of the expert, as a multiple of its usual amount."""


class LockstepWorkplace:
    """Opened once a worker; learned policies are loaded once, experts are made for each episode."""

    def __init__(self, config: WorkplaceConfig):
        self.config = config
        self.session: RobotSession = connect(config.robot, lockstep=True, depth=is_planner(config.policy))
        self._learned: Policy | None = None

    def policy(self, seed: int) -> Policy:
        """The policy whose randomness comes from this seed alone."""
        if self.config.policy == "expert":
            return make_policy("expert", self.session, perturbation=self.config.perturbation, seed=seed)
        if self._learned is None:
            self._learned = make_policy(self.config.policy, self.session)
        return self._learned

    def close(self) -> None:
        close_policy(self._learned)
        self.session.close()


def workplace_opener(config: WorkplaceConfig) -> Callable[[], LockstepWorkplace]:
    """For worker processes: picklable."""
    return partial(LockstepWorkplace, config)
