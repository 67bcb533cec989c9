"""Who leads the robot: one client at a time, by a lease with epoch and sequence that lives in wall time."""

import math
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.statuses import LeaseRefusedError
from robotics.bridge.v1 import types_pb2

DEFAULT_LEASE_DURATION_S = 2.0
DEFAULT_CLIENT_DEADLINE_S = 0.5
_LEAST_DEADLINE_S = 0.05
_LONGEST_LOOK_S = 0.05
_SYNCHRONISED_FOR_S = 60.0
_LARGEST_GAP = 1 << 32


@dataclass(frozen=True)
class Lease:
    """The right to command the robot, as a client shows it."""

    epoch: str
    sequence: int
    client_name: str


class LeaseDesk:
    """Gives out the only lease, checks it and lets it expire.

    Every use and every `retain` prolongs it. A client that lost its lease, by time or because
    another took it, learns which and from whom, and must ask anew: nothing that it sent before
    counts again. A leader that is silent past its deadline keeps the lease until that expires, but is
    reported by `overdue`, so that its robot holds.
    """

    def __init__(
        self,
        duration_s: float = DEFAULT_LEASE_DURATION_S,
        client_deadline_s: float = DEFAULT_CLIENT_DEADLINE_S,
        wall_time_s: Callable[[], float] = time.monotonic,
    ):
        """
        Args:
            duration_s: A lease that was not heard of for so long has expired [s].
            client_deadline_s: Of leaders that ask for no other [s].
            wall_time_s: A clock that never runs backwards [s].
        """
        self.duration_s = duration_s
        self.client_deadline_s = min(client_deadline_s, duration_s)
        self._deadline_s = self.client_deadline_s
        self._is_overdue = False
        self._synchronised_s = -math.inf
        self._wall_time_s = wall_time_s
        self._epoch = uuid.uuid4().hex[:16]
        self._sequence = 0
        self._lease: Lease | None = None
        self._expired: Lease | None = None
        self._heard_s = 0.0

    @property
    def owner(self) -> Lease | None:
        """The lease in force."""
        return self._lease

    def expire(self) -> Lease | None:
        """Call it often: ends a lease that was not heard of in time and returns it, once."""
        lease = self._lease
        if lease is None or self._silent_s() <= self.duration_s:
            return None
        self._lease, self._expired = None, lease
        return lease

    def overdue(self) -> Lease | None:
        """Call it often: the lease whose owner has been silent past its deadline, once a silence."""
        if self._lease is None or self._is_overdue or self._silent_s() <= self._deadline_s:
            return None
        self._is_overdue = True
        return self._lease

    @property
    def deadline_s(self) -> float:
        """Of the present leader [s]."""
        return self._deadline_s

    def look_again_in_s(self) -> float:
        """When `overdue` or `expire` may have news, at the latest [s]."""
        if self._lease is None:
            return _LONGEST_LOOK_S
        limit_s = self.duration_s if self._is_overdue else self._deadline_s
        return min(max(limit_s - self._silent_s(), 0.0) + 0.001, _LONGEST_LOOK_S)

    def _silent_s(self) -> float:
        return self._wall_time_s() - self._heard_s

    def acquire(self, client_name: str, deadline_s: float = 0.0) -> Lease:
        """The lease, if nobody leads.

        Args:
            deadline_s: The client's own [s]; 0 takes the robot's.

        Raises:
            LeaseError: Another client leads.
            MalformedMessageError: The deadline is out of range.
        """
        self._check_deadline(deadline_s)
        if self._lease is not None:
            raise LeaseRefusedError(
                types_pb2.STATUS_CODE_LEASE_HELD, f"{self._named(self._lease)} leads the robot"
            )
        return self._give(client_name, deadline_s)

    def take(self, client_name: str, deadline_s: float = 0.0) -> tuple[Lease, Lease | None]:
        """The lease, whoever leads; also the lease that this ends, if any. As `acquire` otherwise."""
        self._check_deadline(deadline_s)
        before = self._lease
        return self._give(client_name, deadline_s), before

    def _check_deadline(self, deadline_s: float) -> None:
        if deadline_s and not _LEAST_DEADLINE_S <= deadline_s <= self.duration_s:
            raise MalformedMessageError(
                f"a client's deadline is {_LEAST_DEADLINE_S:g} .. {self.duration_s:g} s, got {deadline_s:g}"
            )

    def _give(self, client_name: str, deadline_s: float) -> Lease:
        # a former leader knows its own sequence, and must not be able to count on from there
        self._sequence += 1 + secrets.randbelow(_LARGEST_GAP)
        self._deadline_s = deadline_s or self.client_deadline_s
        self._is_overdue = False
        self._synchronised_s = -math.inf
        self._lease = Lease(self._epoch, self._sequence, client_name)
        self._expired = None
        self._heard_s = self._wall_time_s()
        return self._lease

    def check(self, lease: Lease) -> None:
        """Let the holder of the lease pass, and prolong it.

        Raises:
            LeaseError: It shows none, an older one, one of an earlier start, or an expired one.
        """
        if lease == self._lease:
            self._heard_s = self._wall_time_s()
            self._is_overdue = False
            return
        raise self._refusal(lease)

    def give_back(self, lease: Lease) -> None:
        """End the lease.

        Raises:
            LeaseError: As `check`.
        """
        self.check(lease)
        self._lease = None

    def synchronise(self, lease: Lease) -> None:
        """The holder of the lease knows robot time, for a minute.

        Raises:
            LeaseError: As `check`.
        """
        self.check(lease)
        self._synchronised_s = self._wall_time_s()

    @property
    def is_synchronised(self) -> bool:
        """Whether the leader knows robot time."""
        return self._wall_time_s() - self._synchronised_s <= _SYNCHRONISED_FOR_S

    def _refusal(self, lease: Lease) -> LeaseRefusedError:
        leader = f"{self._named(self._lease)} leads the robot" if self._lease else "nobody leads the robot"
        if not lease.epoch:
            code, why = types_pb2.STATUS_CODE_NO_LEASE, "this needs the lease; acquire it first"
        elif lease.epoch != self._epoch:
            code, why = (
                types_pb2.STATUS_CODE_LEASE_WRONG_EPOCH,
                "the lease is from before the robot restarted",
            )
        elif lease == self._expired:
            code, why = (
                types_pb2.STATUS_CODE_LEASE_EXPIRED,
                f"the lease of '{lease.client_name}' expired: it was not retained for {self.duration_s:g} s",
            )
        else:
            code, why = (
                types_pb2.STATUS_CODE_LEASE_REVOKED,
                f"the lease of '{lease.client_name}' is over: it was taken, returned or replaced",
            )
        return LeaseRefusedError(code, f"{why}; {leader}")

    @staticmethod
    def _named(lease: Lease) -> str:
        return f"'{lease.client_name}'"


def encode_lease(lease: Lease | None) -> types_pb2.Lease:
    """None becomes the empty lease, which no server accepts."""
    if lease is None:
        return types_pb2.Lease()
    return types_pb2.Lease(epoch=lease.epoch, sequence=lease.sequence, client_name=lease.client_name)


def decode_lease(message: types_pb2.Lease) -> Lease:
    return Lease(message.epoch, message.sequence, message.client_name)
