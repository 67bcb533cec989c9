"""The options by which `serve robot` and `serve policy` are protected."""

from pathlib import Path

from robotics.bridge.address import check_listening_address, is_loopback, split_address
from robotics.bridge.audit import default_audit_file
from robotics.bridge.security.listening import load_valid_keys
from robotics.bridge.security.protection import Limits, Protection
from robotics.cli.connect import UsageError


def listening_address(listen: str | None, port: int) -> str:
    """HOST:PORT of --listen, or loopback with --port."""
    return listen or f"127.0.0.1:{port}"


def make_protection(
    server: str, address: str, keys: Path | None, auth: str, audit: Path | None, limits: Limits
) -> Protection:
    """What the options ask for; a server that other machines reach keeps an audit log in any case.

    Args:
        server: 'robot' or 'policy'.

    Raises:
        AddressError: The address cannot be listened on, or not without keys.
        UsageError: --auth mtls without keys.
        KeysError: The keys are missing, damaged or have expired.
    """
    if keys is None and auth != "token":
        raise UsageError(f"--auth {auth} wants --keys, a folder that `robotics keys make` made")
    # said here in one line, before anything is started
    check_listening_address(address, secured=keys is not None)
    if keys is not None:
        load_valid_keys(keys)
    host, port = split_address(address)
    if audit is None and not is_loopback(host):
        audit = default_audit_file(server, port)
    return Protection(keys, auth, audit, limits)
