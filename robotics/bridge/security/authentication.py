"""Says who calls, by certificate or token, or refuses."""

from collections.abc import Iterable, Mapping

import grpc

from robotics.bridge.security.caller import Caller, address_of
from robotics.bridge.security.key_folder import ServerKeys
from robotics.bridge.security.lockout import MOST_FAILURES, Lockout

_BEARER = "Bearer "
Metadata = Iterable[tuple[str, str | bytes]]


class RefusedError(Exception):
    """A call that is not served; the message is one line for the client."""

    def __init__(self, code: grpc.StatusCode, message: str, delay: bool = False):
        """
        Args:
            delay: Answer late, so that a flood of such calls costs its client and not the server.
        """
        super().__init__(message)
        self.code = code
        self.delay = delay


class Authenticator:
    """Thread-safe."""

    def __init__(self, keys: ServerKeys | None, auth: str, lockout: Lockout | None = None):
        """
        Args:
            keys: None lets everybody in, without a name.
            auth: 'token' or 'mtls'.
        """
        self._keys = keys
        self._auth = auth
        self._lockout = lockout or Lockout()

    def identify(
        self,
        peer: str,
        metadata: Metadata,
        certificate: Mapping[str, Iterable[bytes]],
        urgent: bool = False,
    ) -> Caller:
        """Who calls.

        Args:
            peer: The connection, as gRPC names it.
            certificate: gRPC's authentication context.
            urgent: A lockout does not hold against the right token: nobody else's wrong ones delay a stop.

        Raises:
            RefusedError: UNAUTHENTICATED: nobody we know. PERMISSION_DENIED: locked out, or known but
                not served.
        """
        if self._keys is None:
            return Caller(peer)
        if self._auth == "mtls":
            return self._by_certificate(peer, certificate, self._keys)
        return self._by_token(peer, metadata, urgent, self._keys)

    def _by_certificate(
        self, peer: str, certificate: Mapping[str, Iterable[bytes]], keys: ServerKeys
    ) -> Caller:
        name = next(iter(certificate.get("x509_common_name", ())), b"").decode("utf-8", "replace")
        if not name:
            raise RefusedError(grpc.StatusCode.UNAUTHENTICATED, "no client certificate with a name was shown")
        if name not in keys.token_digests:
            raise RefusedError(
                grpc.StatusCode.PERMISSION_DENIED,
                f"'{name[:64]}' has a valid certificate, but is none of the clients that are served here",
                delay=True,
            )
        return Caller(peer, name, "mtls")

    def _by_token(self, peer: str, metadata: Metadata, urgent: bool, keys: ServerKeys) -> Caller:
        token = _bearer_token(metadata)
        # compared in every case, so that the time tells nothing of who is locked out or known
        name = keys.client_of(token)
        address = address_of(peer)
        locked_s = self._lockout.remaining_s(address)
        if name and (not locked_s or urgent or self._lockout.trusts(peer)):
            self._lockout.trust(peer)
            return Caller(peer, name, "token")
        if locked_s:
            raise RefusedError(
                grpc.StatusCode.PERMISSION_DENIED,
                f"{address} is locked out for {locked_s:.0f} s more, after {MOST_FAILURES} wrong or missing "
                "tokens",
                delay=True,
            )
        self._lockout.failed(address)
        why = "the token is not one of this server's" if token else "a token is needed"
        raise RefusedError(grpc.StatusCode.UNAUTHENTICATED, why)


def _bearer_token(metadata: Metadata) -> str:
    for key, value in metadata:
        if key == "authorization" and isinstance(value, str) and value.startswith(_BEARER):
            return value.removeprefix(_BEARER)
    return ""
