"""What the audit log keeps of a call: who leads, stops, releases and resets; commands only in sum."""

from collections.abc import Callable
from typing import Any

from robotics.bridge.audit import AuditLog
from robotics.bridge.security.authentication import RefusedError
from robotics.bridge.security.caller import Caller, address_of
from robotics.bridge.security.first_seen import FirstSeen
from robotics.bridge.v1 import types_pb2

# Never a lease's epoch and sequence: whoever knows them may use it.
_UNARY: dict[str, tuple[str, Callable[[Any, Any], dict[str, Any]]]] = {
    "/robotics.v1.LeaseService/Acquire": ("lease acquired", lambda q, a: {"lease_of": q.client_name}),
    "/robotics.v1.LeaseService/Take": (
        "lease taken",
        lambda q, a: {"lease_of": q.client_name, "taken_from": a.previous_owner},
    ),
    "/robotics.v1.LeaseService/Return": ("lease returned", lambda q, a: {"lease_of": q.lease.client_name}),
    "/robotics.v1.EStopService/Stop": (
        "stop",
        lambda q, a: {"said_by": q.client_name, "reason": q.reason},
    ),
    "/robotics.v1.EStopService/Release": ("release", lambda q, a: {"lease_of": q.lease.client_name}),
    "/robotics.v1.EStopService/Register": ("e-stop endpoint joined", lambda q, a: {"endpoint": q.name}),
    "/robotics.v1.EStopService/Deregister": ("e-stop endpoint left", lambda q, a: {}),
    "/robotics.v1.RobotService/SetMotion": (
        "motion settings",
        lambda q, a: {"speed": q.motion.speed, "shadow": q.motion.shadow, "strategy": q.motion.strategy},
    ),
    "/robotics.v1.SimulationService/Reset": (
        "reset",
        lambda q, a: {"lease_of": q.lease.client_name, "task": q.task, "seed": q.seed},
    ),
}
_COMMANDS = "/robotics.v1.RobotService/StreamCommands"
_ACT = "/robotics.v1.PolicyService/Act"


class AuditedCall:
    """One call; does nothing where no log is kept, or where nothing of such a call is."""

    def __init__(self, log: AuditLog | None, caller: Caller, method: str):
        self._log = log if log and (method in _UNARY or method in (_COMMANDS, _ACT)) else None
        self._caller = caller
        self._method = method
        self._request: Any = None
        self._stream = "commands" if method == _COMMANDS else "policy session"
        self._lease_of: str | None = None
        self._lease_key: Any = None
        self._count = self._refused = 0

    def _note(self, event: str, urgent: bool = False, **facts: Any) -> None:
        assert self._log is not None
        self._log.note(event, urgent, client=self._caller.name, peer=self._caller.peer, **facts)

    def request(self, request: Any) -> None:
        """A request has come."""
        if self._log is None:
            return
        if self._method in _UNARY:
            self._request = request
            return
        lease = getattr(request, "lease", None)
        key = (lease.epoch, lease.sequence, lease.client_name) if lease is not None else ()
        if key != self._lease_key:
            self._sum_up()
            self._lease_key, self._lease_of = key, lease.client_name if lease is not None else None
            facts: dict[str, Any] = {"lease_of": self._lease_of} if lease is not None else {}
            if self._method == _COMMANDS:
                facts["steps"] = request.chunk.positions.steps
            self._note(f"{self._stream} begin", False, **facts)
        self._count += 1

    def response(self, response: Any) -> None:
        """An answer goes out."""
        if self._log is None:
            return
        code = response.status.code
        if self._method not in _UNARY:
            self._refused += code != types_pb2.STATUS_CODE_OK
            return
        event, facts_of = _UNARY[self._method]
        facts = facts_of(self._request, response)
        if code != types_pb2.STATUS_CODE_OK:
            facts["refused"] = response.status.message
        self._note(event, urgent=True, **facts)

    def end(self, refusal: RefusedError | None) -> None:
        """The call is over; `refusal` if it went over a limit."""
        if self._log is None:
            return
        self._sum_up(refusal)

    def _sum_up(self, refusal: RefusedError | None = None) -> None:
        if not self._count:
            return
        facts: dict[str, Any] = {} if self._lease_of is None else {"lease_of": self._lease_of}
        if refusal is not None:
            facts["ended"] = str(refusal)
        self._note(f"{self._stream} end", count=self._count, refused=self._refused, **facts)
        self._count = self._refused = 0


def note_refusal(
    log: AuditLog | None, caller: Caller, method: str, refusal: RefusedError, lately: FirstSeen
) -> None:
    """A call was not let in. Calls that are refused late come in floods: the first of a machine is noted."""
    if log is None:
        return
    if refusal.delay and not lately.add((address_of(caller.peer), caller.name, refusal.code)):
        return
    log.note(
        "refused",
        client=caller.name,
        peer=caller.peer,
        method=method,
        code=refusal.code.name,
        why=str(refusal),
    )
