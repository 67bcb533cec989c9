"""Makes a gRPC server listen: with TLS where it has keys, and nowhere but on loopback where it has none."""

from pathlib import Path
from typing import Any

import grpc

from robotics.bridge.address import AddressError, check_listening_address, join_address
from robotics.bridge.audit import AuditLog
from robotics.bridge.security.gate import Gate
from robotics.bridge.security.key_folder import SERVER_CERTIFICATE, KeysError, ServerKeys, load_server_keys
from robotics.bridge.security.protection import Protection


class GuardedEntrance:
    """The address, keys, gate and audit log of one server."""

    def __init__(self, address: str, protection: Protection):
        """
        Raises:
            AddressError: In use, not loopback and without keys, or not HOST:PORT.
            KeysError: The keys are missing, damaged or have expired.
            AuditError: The audit log cannot be opened.
        """
        self._wanted_address = address
        self._auth = protection.auth
        self._host, self._port = check_listening_address(address, secured=protection.keys is not None)
        self._keys = load_valid_keys(protection.keys) if protection.keys else None
        self.audit = AuditLog(protection.audit) if protection.audit else None
        self.gate = Gate(self._keys, protection.auth, protection.limits, self.audit)
        self.options = (
            # two servers on one port would share its clients
            ("grpc.so_reuseport", 0),
            ("grpc.max_allowed_incoming_connections", protection.limits.connections),
            # more wait in their client; what a flood can put before another client's stop is bounded by this
            ("grpc.max_concurrent_streams", 100),
            ("grpc.max_metadata_size", 16 << 10),
        )
        """For the gRPC server."""

    def bind(self, server: Any) -> str:
        """Let a server, asyncio or not, listen; returns HOST:PORT.

        Raises:
            AddressError: The address cannot be used.
        """
        address = join_address(self._host, self._port)
        try:
            if self._keys is None:
                port = server.add_insecure_port(address)
            else:
                port = server.add_secure_port(address, self._server_credentials(self._keys))
        except RuntimeError as error:
            raise AddressError(f"cannot listen on {self._wanted_address}: {error}") from error
        if self.audit:
            self.audit.note("serving", address=join_address(self._host, port), how=self._how)
        return join_address(self._host, port)

    @property
    def _how(self) -> str:
        return self._auth if self._keys else "open"

    def _server_credentials(self, keys: ServerKeys) -> grpc.ServerCredentials:
        return grpc.ssl_server_credentials(
            [(keys.key, keys.certificate)],
            root_certificates=keys.authority,
            require_client_auth=self._auth == "mtls",
        )

    def close(self) -> None:
        """After the server has ended: finish the audit log."""
        if self.audit:
            self.audit.note("ended", urgent=True)
            self.audit.close()


def load_valid_keys(folder: Path) -> ServerKeys:
    """A server's keys, fit to serve with.

    Raises:
        KeysError: They are missing, damaged, for nobody, or have expired.
    """
    from robotics.bridge.security.certificates import read_certificate

    keys = load_server_keys(folder)
    if not keys.token_digests:
        raise KeysError(f"{keys.folder} lists no client, so that nobody would be served")
    facts = read_certificate(keys.folder / SERVER_CERTIFICATE)
    if facts.expired:
        raise KeysError(
            f"the certificate in {keys.folder} expired on {facts.ends:%Y-%m-%d}; "
            "make new keys with `robotics keys make --force`"
        )
    return keys
