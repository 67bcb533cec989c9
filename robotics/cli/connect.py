"""Robots and policies by their names on the command line, such as `sim:aloha2` or `HOST:PORT`."""

import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from robotics.embodiments import load_embodiment
from robotics.errors import CheckpointError, RoboticsError, UnknownNameError
from robotics.policy import Policy
from robotics.session import RobotSession

if TYPE_CHECKING:
    from robotics.bridge.security.key_folder import Credentials

KEYS_VARIABLE = "ROBOTICS_KEYS"
"""Environment variable with the folder of a client's keys; `--keys` sets it."""
_ADDRESS = re.compile(r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+):([0-9]{1,5})$")


class UsageError(RoboticsError):
    """Arguments that do not fit together."""


@dataclass(frozen=True)
class RobotName:
    """What `--robot` names: a simulated embodiment, or the address of running robot processes."""

    kind: str
    """'sim' or 'address'."""
    value: str
    """Embodiment (a built-in name or the path of a .toml file), or HOST:PORT."""


def parse_robot(text: str) -> RobotName:
    """Read `sim:NAME`, `sim:path/to/my.toml` or `HOST:PORT`.

    Raises:
        UnknownNameError: It is neither.
    """
    if text.startswith("sim:"):
        return RobotName("sim", text.removeprefix("sim:"))
    if _ADDRESS.match(text):
        return RobotName("address", text)
    from robotics.embodiments import embodiment_names

    simulated = [f"sim:{name}" for name in embodiment_names()]
    raise UnknownNameError("robot", text, (*simulated, "sim:path/to/my.toml", "HOST:PORT"))


def is_address(text: str) -> bool:
    """Whether a policy or robot name is a HOST:PORT."""
    return bool(_ADDRESS.match(text)) and not Path(text).exists()


def use_keys(keys: Path | None) -> None:
    """Connect with these keys from now on; None leaves what the environment says.

    They are put into the environment, because the worker processes of a command inherit that.
    """
    if keys is not None:
        os.environ[KEYS_VARIABLE] = str(keys.absolute())


def credentials_for(address: str) -> "Credentials | None":
    """The client's keys for a server, if there are any and the server is not an open one of this machine.

    Raises:
        KeysError: The keys are missing or damaged.
    """
    folder = os.environ.get(KEYS_VARIABLE)
    if not folder:
        return None
    from robotics.bridge.address import is_loopback, split_address
    from robotics.bridge.security.diagnosis import speaks_tls
    from robotics.bridge.security.key_folder import load_credentials

    # a robot elsewhere and a policy here are common; the keys are for the first
    if is_loopback(split_address(address)[0]) and not speaks_tls(address):
        return None
    return load_credentials(Path(folder))


def connect(robot: str = "sim:aloha2", lockstep: bool = False, depth: bool = False) -> RobotSession:
    """A session with a robot.

    Args:
        robot: `sim:NAME` (or `sim:my.toml`) starts a simulated robot and stops it on `close`;
            `HOST:PORT` talks to one that runs already.
        lockstep: Only `advance` moves time, as fast as the machine can, all in this process. Otherwise the
            robot processes run in real time beside this one.
        depth: The pictures of a simulated robot that starts here carry depth; a robot that runs already
            sends what it has.

    Raises:
        UnknownNameError: No such robot.
        ConnectionFailedError: Nothing answers at the address.
        KeysError: The client's keys are missing or damaged.
    """
    name = parse_robot(robot)
    if name.kind == "address":
        from robotics.bridge.client import GrpcSession

        return GrpcSession(name.value, credentials=credentials_for(name.value))
    embodiment = load_embodiment(name.value)
    if lockstep:
        from robotics.cli.simulated_session import SimulatedSession

        return SimulatedSession(embodiment, depth)
    from robotics.cli.started_robot import StartedRobot

    return StartedRobot(embodiment, depth)


def make_policy(policy: str, session: RobotSession, perturbation: float = 0.0, seed: int = 0) -> Policy:
    """A policy by name, for the robot of a session.

    Args:
        policy: `expert` (only with a lockstep simulation of this process, whose state it reads), `shipped`
            for the checkpoint that comes with this software for the robot, a checkpoint folder,
            `replay:DATASET/EPISODE` for what was recorded, `planner`, `program:FILE` (see
            robotics/cli/planning.py), or the HOST:PORT of a policy that is being served.
        perturbation: Exploration noise of the expert, as a multiple of its usual amount.
        seed: Of the expert's noise.

    Raises:
        UnknownNameError: No such policy.
        DatasetError: No such episode.
        CheckpointError, IncompatibleError: The folder is damaged or for another robot.
        ConnectionFailedError: Nothing answers at the address.
    """
    if policy == "expert":
        from robotics.cli.simulated_session import SimulatedSession

        if not isinstance(session, SimulatedSession):
            raise UsageError(
                "the expert reads the state of a lockstep simulation in its own process: "
                "use it with `robotics record` and `robotics eval`, or name a checkpoint folder"
            )
        from sim.experts import make_expert

        return make_expert(session.simulated_robot, perturbation=perturbation, seed=seed)
    if policy == "shipped":
        policy = str(shipped_checkpoint(session.describe().embodiment.name))
    if is_planner(policy):
        from robotics.cli.planning import open_planner

        return open_planner(policy, session.describe().embodiment)
    if policy.startswith("replay:"):
        from demonstrations.replay import open_replay

        return open_replay(policy, session.describe().embodiment)
    if Path(policy).is_dir():
        from policies import load_policy

        return load_policy(Path(policy), session.describe().embodiment)
    if is_address(policy):
        from robotics.bridge.policy_service import RemotePolicy

        return RemotePolicy(policy, credentials=credentials_for(policy))
    raise UnknownNameError(
        "policy",
        policy,
        ("expert", "planner", "program:FILE", *checkpoint_folders(), "replay:DATASET/EPISODE", "HOST:PORT"),
    )


def is_planner(policy: str) -> bool:
    """Whether it is the planner that acts, by instructions or by a program; it looks with depth if it can."""
    return policy.split(":", maxsplit=1)[0] in ("planner", "program")


def with_reasoner(policy: str, reasoner: str | None) -> str:
    """The name of a planner that asks a certain reasoner: with 'gemini' it is 'planner:gemini'.

    Raises:
        UsageError: The policy asks no reasoner.
    """
    if reasoner is None:
        return policy
    if not is_planner(policy):
        raise UsageError(f"--reasoner is for the planner; the policy '{policy}' asks none")
    return f"{policy}:{reasoner}"


def close_policy(policy: Policy | None) -> None:
    """End a policy that holds something, such as a connection."""
    close = getattr(policy, "close", None)
    if close is not None:
        close()


def shipped_checkpoint(embodiment: str) -> Path:
    """The checkpoint folder that comes with this software for a robot.

    Raises:
        CheckpointError: None ships for this robot.
    """
    folder = _checkpoints() / embodiment
    if not (folder / "config.json").is_file():
        raise CheckpointError(
            f"no policy ships for '{embodiment}'; there are: {', '.join(checkpoint_folders()) or 'none'}; "
            "train one with `robotics train policy`"
        )
    return folder


def checkpoint_folders() -> list[str]:
    """The checkpoint folders that come with this software, for hints."""
    folders = (path.parent for path in _checkpoints().glob("*/config.json"))
    here = Path.cwd()
    return sorted(str(f.relative_to(here) if f.is_relative_to(here) else f) for f in folders)


def _checkpoints() -> Path:
    # found without importing policies, which would import torch
    spec = importlib.util.find_spec("policies")
    roots = spec.submodule_search_locations if spec else None
    return Path(next(iter(roots or ["policies"]))) / "checkpoints"
