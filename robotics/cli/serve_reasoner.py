"""`robotics serve reasoner`: a reasoner for clients, until Ctrl-C."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from robotics.cli.connect import UsageError

_PARALLEL = {"gemini": 8}
"""Questions at a time by backend; local models use the whole machine for one."""


@dataclass(frozen=True)
class Arguments:
    """Load a reasoner and answer questions about pictures over gRPC, until Ctrl-C.

    Other machines are served with --keys only.

    Example:
      robotics serve reasoner --backend embedded
      robotics serve reasoner --listen 0.0.0.0:50053 --keys keys
      robotics reason point photo.jpg "the red mug" --backend 127.0.0.1:50053
    """

    backend: str = "embedded"
    """embedded, embedded:FOLDER, gemini, gemini:MODEL, vlm:FOLDER, or the HOST:PORT of another server."""
    port: int = 50053
    """Of this machine's loopback; 0 takes a free one."""
    listen: str | None = None
    """HOST:PORT instead; other hosts than loopback need --keys."""
    keys: Path | None = None
    """Folder that `robotics keys make` made: serve with TLS, and these clients only."""
    auth: Literal["token", "mtls"] = "token"
    """With keys, clients show a token or a certificate."""
    audit: Path | None = None
    """File of the audit log; by default one in your state folder if other machines are served, else none."""
    parallel: int | None = None
    """Questions that are answered at a time; by default 8 with gemini, else 1. Others wait for their turn."""
    views_per_client: int = 32
    """Pictures that are kept of one client, so that it need not send them again."""


def main(arguments: Arguments) -> int:
    from robotics.bridge.reasoner_service import REASONER_LIMITS, ReasonerServer
    from robotics.bridge.view_store import ViewLimits
    from robotics.cli.protection import listening_address, make_protection
    from robotics.cli.reasoners import close_reasoner, open_reasoner
    from robotics.reasoning.reasoner import Reasoner

    kind = arguments.backend.partition(":")[0]
    parallel = _PARALLEL.get(kind, 1) if arguments.parallel is None else arguments.parallel
    if parallel < 1:
        raise UsageError(f"--parallel wants at least one, got {parallel}")
    views = ViewLimits(
        per_client=arguments.views_per_client, views=max(ViewLimits.views, arguments.views_per_client)
    )
    address = listening_address(arguments.listen, arguments.port)
    protection = make_protection(
        "reasoner", address, arguments.keys, arguments.auth, arguments.audit, REASONER_LIMITS
    )
    opened: list[Reasoner] = []

    def make() -> Reasoner:
        opened.append(open_reasoner(arguments.backend))
        return opened[0]

    try:
        server = ReasonerServer(make, address, parallel, protection, views)
        try:
            print(f"{opened[0].name} at {server.address}; Ctrl-C ends", file=sys.stderr, flush=True)
            server.wait()
        finally:
            server.close()
    finally:
        for reasoner in opened:
            close_reasoner(reasoner)
    return 0
