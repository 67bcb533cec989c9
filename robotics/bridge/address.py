"""Where a server listens: HOST:PORT, loopback only, and free."""

import errno
import socket

from robotics.errors import RoboticsError

_LOOPBACK = {"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1", "::1": "::1"}


class AddressError(RoboticsError):
    """An address that cannot be listened on."""


def split_address(address: str) -> tuple[str, int]:
    """Host without brackets, and port.

    Raises:
        AddressError: It is not HOST:PORT.
    """
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise AddressError(f"an address is HOST:PORT such as 127.0.0.1:50051, got '{address}'")
    return host, int(port)


def join_address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def check_listening_address(address: str) -> tuple[str, int]:
    """Host and port to bind; port 0 lets the system choose.

    Raises:
        AddressError: Not loopback, in use, or not HOST:PORT.
    """
    host, port = split_address(address)
    if host not in _LOOPBACK:
        raise AddressError(
            f"cannot listen on {address}: without TLS, which comes later, only this machine is served; "
            f"use 127.0.0.1:{port}"
        )
    host = _LOOPBACK[host]
    # gRPC says that a port is in use in a dozen lines of its own; ask before it does.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
            raise AddressError(f"cannot listen on {address}: port {port} {why}; choose another") from error
    return host, port
