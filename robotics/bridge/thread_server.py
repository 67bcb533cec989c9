"""A guarded gRPC server that answers from threads of this process: one service, health and reflection."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from robotics.bridge.security.listening import GuardedEntrance
from robotics.bridge.security.protection import Protection
from robotics.bridge.security.thread_interceptor import ThreadGateInterceptor

_GRACE_S = 0.2
_LONGEST_END_S = 1.0
"""A call that is being answered when its server closes is not waited for any longer."""


class ThreadServer:
    """Checks its address and keys when it is made, before anything is loaded; serves from `start` on."""

    def __init__(self, address: str, protection: Protection):
        """
        Args:
            address: HOST:PORT, on loopback unless there are keys; port 0 lets the system choose.

        Raises:
            AddressError, KeysError, AuditError: As `GuardedEntrance`.
        """
        self._entrance = GuardedEntrance(address, protection)
        self._threads: ThreadPoolExecutor | None = None
        self._server: grpc.Server | None = None
        self.address = ""
        """HOST:PORT that it listens on, once started."""

    def start(
        self,
        service: str,
        add: Callable[[grpc.Server], None],
        threads: int,
        options: tuple[tuple[str, int], ...],
    ) -> None:
        """Listen; return once clients can connect.

        Args:
            service: Full name, such as 'robotics.v1.PolicyService'.
            add: Adds the service's servicer to the server.
            threads: Calls and streams that are answered at a time.
            options: Of the gRPC server.
        """
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=service.rpartition(".")[2])
        self._server = grpc.server(
            self._threads,
            interceptors=[ThreadGateInterceptor(self._entrance.gate)],
            options=(*options, *self._entrance.options),
        )
        add(self._server)
        healthy = health.HealthServicer()
        for name in ("", service):
            healthy.set(name, health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(healthy, self._server)
        reflection.enable_server_reflection(
            (service, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server
        )
        self.address = self._entrance.bind(self._server)
        self._server.start()

    def wait(self) -> None:
        """Serve until `close` is called from elsewhere, or Ctrl-C."""
        if self._server is not None:
            self._server.wait_for_termination()

    def close(self) -> None:
        """End every call."""
        if self._server is not None:
            self._server.stop(_GRACE_S).wait()
        if self._threads is not None:
            # a call is over for gRPC before its thread has written that into the audit log
            ending = threading.Thread(target=self._threads.shutdown, daemon=True)
            ending.start()
            ending.join(_LONGEST_END_S)
        self._entrance.close()
