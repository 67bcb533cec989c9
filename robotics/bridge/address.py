"""Where a server listens: HOST:PORT, on loopback only unless it is secured, and free."""

import errno
import ipaddress
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


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and nothing else; a name other than localhost is not believed to be."""
    try:
        return host in _LOOPBACK or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_listening_address(address: str, secured: bool = False) -> tuple[str, int]:
    """Host and port to bind; port 0 lets the system choose.

    Args:
        secured: The server speaks TLS and authenticates its clients.

    Raises:
        AddressError: Not loopback and not secured, unknown here, in use, or not HOST:PORT.
    """
    host, port = split_address(address)
    if not secured and not is_loopback(host):
        raise AddressError(
            f"cannot listen on {address} without keys: other machines are served with TLS only; make keys "
            f"with `robotics keys make --host NAME_OR_IP` and give --keys keys, or use 127.0.0.1:{port}"
        )
    host = _LOOPBACK.get(host) or _resolve(host, address)
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


def _resolve(host: str, address: str) -> str:
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise AddressError(f"cannot listen on {address}: no machine is called '{host}'") from error
