"""Whose consent the robot needs to move: e-stop endpoints, alive by challenge and response."""

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.statuses import EndpointError, EStopNotClearedError

LEAST_TIMEOUT_S, GREATEST_TIMEOUT_S = 0.1, 60.0
_MOST_ENDPOINTS = 16
_LONGEST_LOOK_S = 0.05
_ALL_BITS = (1 << 64) - 1


class StopLevel(IntEnum):
    """What an endpoint wants; of several the greatest counts."""

    NONE = 1
    """It consents to motion."""
    PROTECTIVE = 2
    EMERGENCY = 3


@dataclass
class Endpoint:
    """One button, person or program."""

    name: str
    timeout_s: float
    challenge: int
    heard_s: float
    level: StopLevel = StopLevel.PROTECTIVE
    reason: str = "it has not consented yet"


@dataclass(frozen=True)
class StopDemand:
    """What all endpoints together want."""

    level: StopLevel
    reason: str = ""


def response_to(challenge: int) -> int:
    """What an endpoint answers: every bit inverted."""
    return ~challenge & _ALL_BITS


class EStopDesk:
    """Registers endpoints, checks their answers and says what they want, the most restrictive first."""

    def __init__(self, required: int = 0, wall_time_s: Callable[[], float] = time.monotonic):
        """
        Args:
            required: With fewer endpoints the robot may not move.
            wall_time_s: A clock that never runs backwards [s].
        """
        self.required = required
        self._wall_time_s = wall_time_s
        self._endpoints: dict[str, Endpoint] = {}

    def register(self, name: str, timeout_s: float) -> tuple[str, int]:
        """The new endpoint's id, which only it knows, and its first challenge.

        It takes the place of a silent one of the same name.

        Raises:
            MalformedMessageError: The name is empty or too long, or the timeout out of range.
            EndpointError: There are too many.
        """
        if not name.strip() or len(name) > 200 or not name.isprintable():
            raise MalformedMessageError(
                f"an endpoint's name is 1 .. 200 printable characters, got {name[:40]!r}"
            )
        if not (math.isfinite(timeout_s) and LEAST_TIMEOUT_S <= timeout_s <= GREATEST_TIMEOUT_S):
            raise MalformedMessageError(
                f"an endpoint's timeout is {LEAST_TIMEOUT_S:g} .. {GREATEST_TIMEOUT_S:g} s, got {timeout_s:g}"
            )
        self._forget(name)
        if len(self._endpoints) >= _MOST_ENDPOINTS:
            raise EndpointError(f"there are {_MOST_ENDPOINTS} endpoints already: {self._names()}")
        endpoint_id = secrets.token_hex(16)
        endpoint = Endpoint(name, timeout_s, secrets.randbits(64), self._wall_time_s())
        self._endpoints[endpoint_id] = endpoint
        return endpoint_id, endpoint.challenge

    def check_in(
        self, endpoint_id: str, level: StopLevel, challenge: int, response: int, reason: str = ""
    ) -> int:
        """What an endpoint wants from now on; returns its next challenge.

        Asking for a stop counts whatever the answer; consent and being alive need the right one.

        Raises:
            EndpointError: Not registered, or a wrong answer.
        """
        endpoint = self._get(endpoint_id)
        if level is not StopLevel.NONE:
            endpoint.level, endpoint.reason = level, reason or "it asks for a stop"
        if challenge != endpoint.challenge or response != response_to(endpoint.challenge):
            raise EndpointError(f"endpoint '{endpoint.name}' gave the wrong answer to its challenge")
        endpoint.challenge = secrets.randbits(64)
        endpoint.heard_s = self._wall_time_s()
        endpoint.level = level
        return endpoint.challenge

    def _forget(self, name: str) -> bool:
        """Forget a silent endpoint of that name, if there is one."""
        for endpoint_id, endpoint in self._endpoints.items():
            if endpoint.name == name and self.silent_s(endpoint) > endpoint.timeout_s:
                del self._endpoints[endpoint_id]
                return True
        return False

    def dismiss(self, name: str) -> None:
        """Forget a silent endpoint, such as one whose process died.

        Raises:
            EndpointError: None of that name is silent.
        """
        if not self._forget(name):
            raise EndpointError(f"no endpoint '{name}' is silent; there are: {self._names()}")

    def deregister(self, endpoint_id: str) -> str:
        """Forget an endpoint; returns its name.

        Raises:
            EndpointError: Not registered.
        """
        endpoint = self._get(endpoint_id)
        del self._endpoints[endpoint_id]
        return endpoint.name

    def _get(self, endpoint_id: str) -> Endpoint:
        endpoint = self._endpoints.get(endpoint_id)
        if endpoint is None:
            raise EndpointError(f"no such endpoint is registered; there are: {self._names()}")
        return endpoint

    def _names(self) -> str:
        return ", ".join(f"'{endpoint.name}'" for endpoint in self._endpoints.values()) or "none"

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        return tuple(self._endpoints.values())

    def silent_s(self, endpoint: Endpoint) -> float:
        """Since it last checked in [s]."""
        return self._wall_time_s() - endpoint.heard_s

    def demand(self) -> StopDemand:
        """The most restrictive of what the endpoints want; one that is silent wants a protective stop."""
        demands = [*map(self._demand_of, self._endpoints.values())]
        if len(self._endpoints) < self.required:
            demands.append(
                StopDemand(
                    StopLevel.PROTECTIVE,
                    f"{len(self._endpoints)} of {self.required} required e-stop endpoints are registered",
                )
            )
        return max(demands, key=lambda demand: demand.level, default=StopDemand(StopLevel.NONE))

    def _demand_of(self, endpoint: Endpoint) -> StopDemand:
        name = f"e-stop endpoint '{endpoint.name}'"
        if endpoint.level is not StopLevel.EMERGENCY and self.silent_s(endpoint) > endpoint.timeout_s:
            return StopDemand(
                StopLevel.PROTECTIVE, f"{name} has been silent for more than {endpoint.timeout_s:g} s"
            )
        return StopDemand(endpoint.level, f"{name}: {endpoint.reason}")

    def check_cleared(self) -> None:
        """
        Raises:
            EStopNotClearedError: An endpoint does not consent.
        """
        demand = self.demand()
        if demand.level is not StopLevel.NONE:
            raise EStopNotClearedError(f"the stop cannot be released: {demand.reason}")

    def look_again_in_s(self) -> float:
        """When an endpoint may have become silent, at the latest [s]."""
        left = [e.timeout_s - self.silent_s(e) for e in self._endpoints.values()]
        return min([_LONGEST_LOOK_S, *(max(0.0, seconds) + 0.001 for seconds in left if seconds > -0.002)])
