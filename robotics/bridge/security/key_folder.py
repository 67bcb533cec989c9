"""A folder of keys as servers and clients read it.

keys/ca.crt          the authority's certificate, for everybody
keys/authority/      the authority's private key; belongs on no robot
keys/server/         what a server needs
keys/NAME/           what the client of that name needs
"""

import hashlib
import hmac
import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from robotics.errors import RoboticsError

AUTHORITY, SERVER = "authority", "server"
CA_CERTIFICATE = "ca.crt"
SERVER_CERTIFICATE, SERVER_KEY, SERVER_CLIENTS = "server.crt", "server.key", "clients.json"
CLIENT_CERTIFICATE, CLIENT_KEY, CLIENT_TOKEN = "client.crt", "client.key", "token"


class KeysError(RoboticsError):
    """A folder of keys that is missing, damaged, readable by others, or cannot be made."""


@dataclass(frozen=True)
class ServerKeys:
    """What a server shows to clients and expects of them."""

    folder: Path
    authority: bytes = field(repr=False)
    """PEM; whoever it signed is believed."""
    certificate: bytes = field(repr=False)
    key: bytes = field(repr=False)
    token_digests: Mapping[str, str] = field(repr=False)
    """Client's name -> SHA-256 of its token, in hex; these clients are served and no others."""

    def client_of(self, token: str) -> str:
        """The client whose token it is, or ''; takes the same work whichever it is, or none."""
        shown = digest_of(token)
        found = ""
        for name, digest in self.token_digests.items():
            if hmac.compare_digest(shown, digest):
                found = name
        return found


@dataclass(frozen=True)
class Credentials:
    """What a client shows to servers and expects of them."""

    folder: Path
    authority: bytes = field(repr=False)
    """PEM; whoever it signed is believed."""
    certificate: bytes | None = field(repr=False)
    """PEM; None where the server wants a token only."""
    key: bytes | None = field(repr=False)
    token: str = field(repr=False)
    """'' where the server wants a certificate only."""


def digest_of(token: str) -> str:
    """What a server keeps of a token: its SHA-256, in hex. Tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def load_server_keys(folder: Path) -> ServerKeys:
    """A server's keys, from a folder that `robotics keys make` made or its `server` part.

    Raises:
        KeysError: A file is missing, damaged, or readable by other users.
    """
    found = folder if (folder / SERVER_CERTIFICATE).exists() else folder / SERVER
    if not (found / SERVER_CERTIFICATE).exists():
        raise KeysError(
            f"no server keys in {folder}; make some with "
            f"`robotics keys make --out {folder} --host NAME_OR_IP`"
        )
    text = _read_private(found / SERVER_CLIENTS)
    try:
        clients = json.loads(text)
        digests = {str(name): str(entry["token_sha256"]) for name, entry in clients.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise KeysError(
            f'{found / SERVER_CLIENTS} wants lines such as "anna": {{"token_sha256": ...}}; it is damaged'
        ) from error
    return ServerKeys(
        found,
        _read(found / CA_CERTIFICATE),
        _read(found / SERVER_CERTIFICATE),
        _read_private(found / SERVER_KEY),
        digests,
    )


def load_credentials(folder: Path) -> Credentials:
    """A client's keys, from its own folder, or from one that holds those of a single client.

    Raises:
        KeysError: A file is missing or readable by other users, or there are several clients.
    """
    found = folder if _is_client(folder) else _only_client(folder)
    certificate = found / CLIENT_CERTIFICATE
    token = found / CLIENT_TOKEN
    return Credentials(
        found,
        _read(found / CA_CERTIFICATE),
        _read(certificate) if certificate.exists() else None,
        _read_private(found / CLIENT_KEY) if certificate.exists() else None,
        _read_private(token).decode("ascii", "replace").strip() if token.exists() else "",
    )


def client_names(folder: Path) -> list[str]:
    """Clients that have a folder in this one."""
    return sorted(path.name for path in folder.glob("*") if _is_client(path))


def _is_client(folder: Path) -> bool:
    return (folder / CLIENT_CERTIFICATE).exists() or (folder / CLIENT_TOKEN).exists()


def _only_client(folder: Path) -> Path:
    names = client_names(folder)
    if not names:
        raise KeysError(f"no client keys in {folder}; `robotics keys make` makes some")
    if len(names) > 1:
        choices = ", ".join(str(folder / name) for name in names)
        raise KeysError(f"{folder} holds the keys of several clients; choose one: {choices}")
    return folder / names[0]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeysError(f"cannot read {path}: {error.strerror}") from error


def _read_private(path: Path) -> bytes:
    content = _read(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeysError(f"other users of this machine can read {path}; `chmod 600 {path}`")
    return content
