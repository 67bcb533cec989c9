"""`robotics keys make`: keys for servers that other machines reach."""

from dataclasses import dataclass
from pathlib import Path

import tyro


@dataclass(frozen=True)
class Arguments:
    """Make a test authority, a server's certificate, and a certificate and a token for each client.

    It is a test authority: self-made, known to nobody else, with its private key in a file. It suits a
    laboratory's own network. Where others depend on it, let your organisation's authority sign.

    Example:
      robotics keys make --host robot1.lab --host 192.168.1.20 --client anna --client policy1
    """

    out: Path = Path("keys")
    """Folder to make; readable by you only."""
    host: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """Name or IP address by which clients reach the server; give it once for each. This machine's name
    and loopback are always among them."""
    client: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """Client that gets keys; give it once for each. By default one, called operator."""
    days: int = 365
    """Days until they expire."""
    force: bool = False
    """Replace a folder of keys; clients with the old ones are locked out."""


def main(arguments: Arguments) -> int:
    import socket

    from robotics.bridge.security.authority import make_keys
    from robotics.cli.connect import UsageError

    if not 1 <= arguments.days <= 3650:
        raise UsageError(f"--days wants 1 .. 3650, got {arguments.days}")
    out, clients = arguments.out, arguments.client or ("operator",)
    make_keys(out, (socket.gethostname(), *arguments.host), clients, arguments.days, arguments.force)
    print(f"{out / 'server'}: for the robot or policy server; start it with --keys {out / 'server'}")
    for name in clients:
        print(f"{out / name}: for client '{name}'; it connects with --keys {out / name}")
    print(f"{out / 'authority'}: signs the others; keep it off robots")
    return 0
