"""The lease desk, with a line in the audit log for each lease that runs out: no call tells of that."""

from robotics.bridge.audit import AuditLog
from robotics.bridge.lease import Lease, LeaseDesk


class AuditedLeaseDesk(LeaseDesk):
    """What clients do with leases is noted with their calls."""

    def __init__(self, duration_s: float, client_deadline_s: float, audit: AuditLog | None):
        super().__init__(duration_s, client_deadline_s)
        self._audit = audit

    def expire(self) -> Lease | None:
        lost = super().expire()
        if lost is not None and self._audit is not None:
            self._audit.note("lease lost", urgent=True, lease_of=lost.client_name, why="it was not retained")
        return lost
