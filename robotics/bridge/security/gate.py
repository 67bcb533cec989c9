"""The one place that every call passes: who is it, is it too much, what is noted."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import grpc

from robotics.bridge.audit import AuditLog
from robotics.bridge.security.audited_calls import AuditedCall, note_refusal
from robotics.bridge.security.authentication import Authenticator, Metadata, RefusedError
from robotics.bridge.security.caller import Caller
from robotics.bridge.security.first_seen import FirstSeen
from robotics.bridge.security.key_folder import ServerKeys
from robotics.bridge.security.protection import Limits
from robotics.bridge.security.rates import Allowances

_HEALTH = "/grpc.health.v1.Health/"
"""Open to everybody, so that a watchdog needs no keys."""
_STOP = "/robotics.v1.EStopService/Stop"
"""Needs authentication like everything else, but no limit ever refuses it."""


class Visit:
    """One call that was let in."""

    def __init__(self, caller: Caller, gate: "Gate", method: str, client: str):
        """
        Raises:
            RefusedError: The client calls too often, or too much at once.
        """
        share = gate.allowances.begin_call(client, unlimited=method == _STOP)
        if isinstance(share, str):
            raise RefusedError(grpc.StatusCode.RESOURCE_EXHAUSTED, share, delay=True)
        self.caller = caller
        self.refusal: RefusedError | None = None
        """Set once the call has gone over a limit; it then ends with this."""
        self._share = share
        self._gate = gate
        self._audited = AuditedCall(gate.audit, caller, method)
        self._is_stop = method == _STOP

    def parse(self, data: bytes, deserialize: Callable[[bytes], Any] | None) -> Any:
        """The request; nothing is parsed of a client that was not let in.

        Raises:
            RefusedError: Too many bytes, or none of such a message.
        """
        if not self._is_stop and not self._share.bytes.take(len(data)):
            raise self._too_much(
                f"more than {self._gate.allowances.limits.bytes_per_s / 1e6:.0f} MB a second"
            )
        try:
            request = deserialize(data) if deserialize else data
        except Exception as error:
            raise RefusedError(
                grpc.StatusCode.INVALID_ARGUMENT, "the request is none of this interface's messages"
            ) from error
        self._audited.request(request)
        return request

    def parse_next(self, data: bytes, deserialize: Callable[[bytes], Any] | None) -> Any:
        """The next message of a stream.

        Raises:
            RefusedError: As `parse`, or too many messages.
        """
        if not self._share.messages.take():
            limit = self._gate.allowances.limits.messages_per_s
            raise self._too_much(f"more than {limit:g} messages a second on its streams")
        return self.parse(data, deserialize)

    def _too_much(self, why: str) -> RefusedError:
        return RefusedError(grpc.StatusCode.RESOURCE_EXHAUSTED, why)

    def answered(self, response: Any) -> None:
        """Note what was done, where it is of a kind that is noted."""
        self._audited.response(response)

    def leave(self) -> None:
        """The call is over."""
        self._gate.allowances.end_call(self._share)
        self._audited.end(self.refusal)


class Gate:
    """Thread-safe."""

    def __init__(self, keys: ServerKeys | None, auth: str, limits: Limits, audit: AuditLog | None):
        self.allowances = Allowances(limits)
        self.audit = audit
        self._authenticator = Authenticator(keys, auth)
        self._connections = FirstSeen()
        self._refused = FirstSeen()

    def enter(
        self, method: str, peer: str, metadata: Metadata, certificate: Mapping[str, Iterable[bytes]]
    ) -> Visit:
        """Let a call in.

        Args:
            method: Such as '/robotics.v1.EStopService/Stop'.

        Raises:
            RefusedError: With the gRPC status that the call ends with.
        """
        if method.startswith(_HEALTH):
            caller = Caller(peer, how="health")
        else:
            try:
                caller = self._authenticator.identify(peer, metadata, certificate, urgent=method == _STOP)
            except RefusedError as error:
                note_refusal(self.audit, Caller(peer), method, error, self._refused)
                raise
            if self.audit and self._connections.add((peer, caller.name)):
                self.audit.note("connected", client=caller.name, peer=peer, how=caller.how)
        try:
            return Visit(caller, self, method, caller.client)
        except RefusedError as error:
            note_refusal(self.audit, caller, method, error, self._refused)
            raise
