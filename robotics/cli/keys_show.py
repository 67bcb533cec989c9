"""`robotics keys show`: what a folder of keys holds."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Arguments:
    """Show certificates, tokens and when they expire; never a secret.

    Example:
      robotics keys show --keys keys
    """

    keys: Path = Path("keys")
    """Folder that `robotics keys make` made, or a part of it."""


def main(arguments: Arguments) -> int:
    from robotics.bridge.security.certificates import read_certificate
    from robotics.bridge.security.key_folder import CLIENT_TOKEN, KeysError

    paths = sorted(path for path in arguments.keys.rglob("*") if path.suffix == ".crt")
    tokens = sorted(arguments.keys.rglob(CLIENT_TOKEN))
    if not paths and not tokens:
        raise KeysError(
            f"no keys in {arguments.keys}; `robotics keys make --out {arguments.keys}` makes some"
        )
    for path in paths:
        facts = read_certificate(path)
        hosts = f", for {', '.join(facts.hosts)}" if facts.hosts else ""
        word = "EXPIRED on" if facts.expired else "until"
        print(f"{path}: '{facts.name}'{hosts}, {word} {facts.ends:%Y-%m-%d %H:%M} UTC")
    for path in tokens:
        print(f"{path}: token, does not expire; remove it from the server's clients.json to revoke it")
    return 0
