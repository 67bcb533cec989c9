"""`robotics serve policy`: a policy for clients, until Ctrl-C."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from robotics.cli.connect import UsageError, checkpoint_folders, shipped_checkpoint
from robotics.embodiments import load_embodiment
from robotics.errors import UnknownNameError


@dataclass(frozen=True)
class Arguments:
    """Load a checkpoint and answer observations with action chunks over gRPC, until Ctrl-C.

    Other machines are served with --keys only.

    Example:
      robotics serve policy --policy policies/checkpoints/aloha2 --port 50052
      robotics serve policy --listen 0.0.0.0:50052 --keys keys --auth mtls
      robotics eval --policy 127.0.0.1:50052 --task put_in_bowl --episodes 10
    """

    policy: str = "shipped"
    """A checkpoint folder, or the checkpoint that ships for the embodiment."""
    embodiment: str = "aloha2"
    """The robot that it will act on: a built-in one, or the path of a .toml file."""
    port: int = 50052
    """Of this machine's loopback; 0 takes a free one."""
    listen: str | None = None
    """HOST:PORT instead; other hosts than loopback need --keys."""
    keys: Path | None = None
    """Folder that `robotics keys make` made: serve with TLS, and these clients only."""
    auth: Literal["token", "mtls"] = "token"
    """With keys, clients show a token or a certificate."""
    audit: Path | None = None
    """File of the audit log; by default one in your state folder if other machines are served, else none."""
    sessions: int = 4
    """Clients at a time; each has a policy of its own, with its own memory of the episode."""


def main(arguments: Arguments) -> int:
    from robotics.bridge.policy_service import POLICY_LIMITS, PolicyServer
    from robotics.cli.protection import listening_address, make_protection

    if arguments.sessions < 1:
        raise UsageError(f"--sessions wants at least one, got {arguments.sessions}")
    address = listening_address(arguments.listen, arguments.port)
    protection = make_protection(
        "policy", address, arguments.keys, arguments.auth, arguments.audit, POLICY_LIMITS
    )
    embodiment = load_embodiment(arguments.embodiment)
    folder = Path(arguments.policy)
    if arguments.policy == "shipped":
        folder = shipped_checkpoint(embodiment.name)
    elif not folder.is_dir():
        raise UnknownNameError("checkpoint folder", arguments.policy, ("shipped", *checkpoint_folders()))

    from policies import load_policy

    server = PolicyServer(
        lambda: load_policy(folder, embodiment),
        address,
        max_sessions=arguments.sessions,
        protection=protection,
    )
    try:
        print(f"{folder} at {server.address}; Ctrl-C ends", file=sys.stderr, flush=True)
        server.wait()
    finally:
        server.close()
    return 0
