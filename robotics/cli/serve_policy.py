"""`robotics serve policy`: a policy for clients on this machine, until Ctrl-C."""

import sys
from dataclasses import dataclass
from pathlib import Path

from robotics.cli.connect import UsageError, checkpoint_folders, shipped_checkpoint
from robotics.embodiments import load_embodiment
from robotics.errors import UnknownNameError


@dataclass(frozen=True)
class Arguments:
    """Load a checkpoint and answer observations with action chunks over gRPC, until Ctrl-C.

    Example:
      robotics serve policy --policy policies/checkpoints/aloha2 --port 50052
      robotics eval --policy 127.0.0.1:50052 --task put_in_bowl --episodes 10
    """

    policy: str = "shipped"
    """A checkpoint folder, or the checkpoint that ships for the embodiment."""
    embodiment: str = "aloha2"
    """The robot that it will act on: a built-in one, or the path of a .toml file."""
    host: str = "127.0.0.1"
    """Loopback only, until TLS comes."""
    port: int = 50052
    """0 takes a free one."""
    sessions: int = 4
    """Clients at a time; each has a policy of its own, with its own memory of the episode."""


def main(arguments: Arguments) -> int:
    from robotics.bridge.policy_service import PolicyServer

    if arguments.sessions < 1:
        raise UsageError(f"--sessions wants at least one, got {arguments.sessions}")
    embodiment = load_embodiment(arguments.embodiment)
    folder = Path(arguments.policy)
    if arguments.policy == "shipped":
        folder = shipped_checkpoint(embodiment.name)
    elif not folder.is_dir():
        raise UnknownNameError("checkpoint folder", arguments.policy, ("shipped", *checkpoint_folders()))

    from policies import load_policy

    server = PolicyServer(
        lambda: load_policy(folder, embodiment),
        f"{arguments.host}:{arguments.port}",
        max_sessions=arguments.sessions,
    )
    try:
        print(f"{folder} at {server.address}; Ctrl-C ends", file=sys.stderr, flush=True)
        server.wait()
    finally:
        server.close()
    return 0
