"""A client's side of the lease: acquired at the first command, retained in the background, given back."""

import contextlib
import getpass
import os
import socket
import sys
import threading
from pathlib import Path

from robotics.bridge.connection import Connection
from robotics.bridge.statuses import LeaseRefusedError, error_of, raise_for
from robotics.bridge.v1 import lease_service_pb2, lease_service_pb2_grpc, types_pb2
from robotics.errors import ConnectionFailedError

_RETAINS_PER_DEADLINE = 4
_TIMEOUT_S = 5.0


def default_client_name() -> str:
    """Who this is, for the messages that other clients get: program, user, machine and process id."""
    program = Path(sys.argv[0]).name or "python"
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = f"user {os.getuid()}"
    return f"{program} of {user}@{socket.gethostname()}, process {os.getpid()}"


class HeldLease:
    """Thread-safe."""

    def __init__(self, connection: Connection, client_name: str, duration_s: float, deadline_s: float):
        """
        Args:
            duration_s: What the robot says that a lease lasts [s].
            deadline_s: What the robot says that its leader may be silent while it moves [s]; 0: as long
                as the lease lasts.
        """
        self._connection = connection
        self._stub = lease_service_pb2_grpc.LeaseServiceStub(connection.channel)
        self._client_name = client_name
        self._duration_s = duration_s
        self._retain_every_s = (deadline_s or duration_s) / _RETAINS_PER_DEADLINE
        self._lock = threading.Lock()
        self._lease: types_pb2.Lease | None = None
        self._loss: LeaseRefusedError | None = None
        self._ended = threading.Event()
        self._retaining: threading.Thread | None = None

    def require(self) -> types_pb2.Lease:
        """The lease; acquired if this client has none.

        Raises:
            LeaseError: Another client leads; or, once, this client's lease was lost since the last command.
            ConnectionFailedError: The robot does not answer.
        """
        with self._lock:
            if self._loss is not None:
                loss, self._loss = self._loss, None
                raise loss
            if self._lease is None:
                request = lease_service_pb2.AcquireLeaseRequest(client_name=self._client_name)
                response = self._connection.call(self._stub.Acquire, request, _TIMEOUT_S)
                raise_for(response.status)
                self._keep(response.lease)
            assert self._lease is not None
            return self._lease

    def take(self) -> str:
        """Get the lease, whoever leads; returns who did, or ''.

        Raises:
            ConnectionFailedError: The robot does not answer.
        """
        with self._lock:
            request = lease_service_pb2.TakeLeaseRequest(client_name=self._client_name)
            response = self._connection.call(self._stub.Take, request, _TIMEOUT_S)
            raise_for(response.status)
            self._keep(response.lease)
            self._loss = None
            return response.previous_owner

    def _keep(self, lease: types_pb2.Lease) -> None:
        self._lease = lease
        if self._retaining is None:
            self._retaining = threading.Thread(target=self._retain, name="retain lease", daemon=True)
            self._retaining.start()

    @property
    def in_hand(self) -> types_pb2.Lease | None:
        """The lease, if this client has one."""
        with self._lock:
            return self._lease

    def judge(self, status: types_pb2.Status) -> None:
        """Forget a lease that the robot does not accept; the next command acquires a new one.

        Raises:
            RoboticsError: The status is not OK.
        """
        error = error_of(status)
        if isinstance(error, LeaseRefusedError):
            with self._lock:
                self._lease = None
        if error is not None:
            raise error

    def _retain(self) -> None:
        while not self._ended.wait(self._retain_every_s):
            with self._lock:
                lease = self._lease
            if lease is None:
                continue
            request = lease_service_pb2.RetainLeaseRequest(lease=lease)
            try:
                response = self._connection.call(self._stub.Retain, request, self._duration_s)
            except ConnectionFailedError:
                continue  # whoever commands next learns it; until then there is nobody to tell
            error = error_of(response.status)
            with self._lock:
                if isinstance(error, LeaseRefusedError) and self._lease is lease:
                    self._lease, self._loss = None, error

    def give_back(self) -> None:
        """Return the lease, if this client has one; the robot holds."""
        self._ended.set()
        with self._lock:
            lease, self._lease = self._lease, None
        if lease is not None:
            request = lease_service_pb2.ReturnLeaseRequest(lease=lease)
            with contextlib.suppress(ConnectionFailedError):  # then it expires
                self._connection.call(self._stub.Return, request, _TIMEOUT_S)
        if self._retaining is not None:
            self._retaining.join(self._duration_s)
