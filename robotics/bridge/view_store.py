"""The views that a reasoner's server keeps for its clients, by ids that nobody can guess."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from robotics.errors import RoboticsError
from robotics.reasoning.view import View


@dataclass(frozen=True)
class ViewLimits:
    """What is kept; beyond it, the views that were not asked about for longest are forgotten."""

    per_client: int = 32
    """Of one client: its own oldest go first, so that it cannot push out those of others."""
    views: int = 256
    """Of all clients together."""
    total_bytes: int = 1 << 30
    """Of pictures and depth of all clients together."""

    def __post_init__(self):
        if not 0 < self.per_client <= self.views or self.total_bytes < 1:
            raise RoboticsError(
                f"a reasoner keeps 1 or more views, at most as many per client as in all; got "
                f"{self.per_client} of {self.views}, {self.total_bytes} bytes"
            )


class UnknownViewError(RoboticsError):
    """Views that are not kept (any more); `view_ids` says which."""

    def __init__(self, view_ids: Iterable[str]):
        self.view_ids = tuple(view_ids)
        count = len(self.view_ids)
        super().__init__(f"{count} view{'s' * (count > 1)} not kept (any more); send again")


@dataclass(frozen=True, eq=False)
class _Kept:
    view: View
    owner: str
    size: int


class ViewStore:
    """Thread-safe."""

    def __init__(self, limits: ViewLimits | None = None):
        self.limits = limits or ViewLimits()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, view: View, owner: str) -> str:
        """Keep a view; returns its id.

        Args:
            owner: The client whose share it takes.
        """
        size = view.image.nbytes + (0 if view.depth is None else view.depth.nbytes)
        view_id = secrets.token_hex(16)
        with self._lock:
            own = [key for key, kept in self._kept.items() if kept.owner == owner]
            for key in own[: max(0, len(own) + 1 - self.limits.per_client)]:
                self._forget(key)
            while self._kept and (
                len(self._kept) >= self.limits.views or self._bytes + size > self.limits.total_bytes
            ):
                self._forget(next(iter(self._kept)))
            self._kept[view_id] = _Kept(view, owner, size)
            self._bytes += size
        return view_id

    def get(self, view_ids: Iterable[str]) -> dict[str, View]:
        """The views of some ids, all of which count as asked about.

        Raises:
            UnknownViewError: Some are not kept.
        """
        wanted = list(dict.fromkeys(view_ids))
        with self._lock:
            unknown = [view_id for view_id in wanted if view_id not in self._kept]
            for view_id in wanted:
                if view_id in self._kept:
                    self._kept.move_to_end(view_id)
            if unknown:
                raise UnknownViewError(unknown)
            return {view_id: self._kept[view_id].view for view_id in wanted}

    def drop(self, view_ids: Iterable[str]) -> None:
        """Forget views; those that are not kept are no error."""
        with self._lock:
            for view_id in view_ids:
                if view_id in self._kept:
                    self._forget(view_id)

    def _forget(self, view_id: str) -> None:
        self._bytes -= self._kept.pop(view_id).size
