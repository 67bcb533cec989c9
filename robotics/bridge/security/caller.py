"""Who calls: told to services, limits and audit log for the length of a call."""

import ipaddress
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True)
class Caller:
    """The other end of a call."""

    peer: str
    """Its connection, such as 'ipv4:192.168.1.5:50312'."""
    name: str = ""
    """By its certificate or token; '' on a server without keys."""
    how: str = "open"
    """'open', 'token' or 'mtls'."""

    @property
    def client(self) -> str:
        """Whose limits these are: a known client at an address has one share however often it connects."""
        return f"{self.name}@{address_of(self.peer)}" if self.name else self.peer


CALLER: ContextVar[Caller | None] = ContextVar("caller", default=None)
"""The caller of the call that this task or thread serves; None outside of calls."""


def address_of(peer: str) -> str:
    """The machine of a connection, as lockouts count it.

    An IPv6 client has 2**64 addresses to choose from, so that its network stands for it.
    """
    kind, _, rest = unquote(peer).partition(":")
    host = rest.rpartition(":")[0].removeprefix("[").removesuffix("]").partition("%")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return rest or kind
    if address.version == 6 and not address.is_loopback and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
