"""The robot's gRPC server: its services, health and reflection around one backend."""

import asyncio
import logging
import threading
from collections.abc import Callable

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from robotics.bridge.backend import RobotBackend
from robotics.bridge.estop import EStopDesk
from robotics.bridge.leadership import Leadership
from robotics.bridge.local_backend import LocalBackend
from robotics.bridge.security.async_interceptor import AsyncGateInterceptor
from robotics.bridge.security.audited_lease_desk import AuditedLeaseDesk
from robotics.bridge.security.listening import GuardedEntrance
from robotics.bridge.server_settings import ServerSettings
from robotics.bridge.services.estop import EStopService
from robotics.bridge.services.lease import LeaseService
from robotics.bridge.services.robot import RobotService
from robotics.bridge.services.simulation import SimulationService
from robotics.bridge.services.time_sync import TimeSyncService
from robotics.bridge.v1 import (
    estop_service_pb2_grpc,
    lease_service_pb2_grpc,
    robot_service_pb2_grpc,
    simulation_service_pb2_grpc,
    time_sync_service_pb2_grpc,
)
from robotics.session import RobotSession

DEFAULT_ADDRESS = "127.0.0.1:50051"
_SERVICES = tuple(
    f"robotics.v1.{name}"
    for name in ("RobotService", "LeaseService", "EStopService", "TimeSyncService", "SimulationService")
)
_MEBIBYTE = 1 << 20
SERVER_OPTIONS = (
    # the longest chunk that the guard admits is below 2 MiB
    ("grpc.max_receive_message_length", 4 * _MEBIBYTE),
    ("grpc.max_send_message_length", 64 * _MEBIBYTE),
)
_GRACE_S = 0.2
_log = logging.getLogger(__name__)


class RobotServer:
    """Serves one backend; belongs to the event loop that starts it."""

    def __init__(
        self,
        backend: RobotBackend,
        address: str = DEFAULT_ADDRESS,
        settings: ServerSettings | None = None,
    ):
        """
        Args:
            address: HOST:PORT, on loopback unless there are keys; port 0 lets the system choose.
        """
        self._backend = backend
        self._wanted_address = address
        self._settings = settings or ServerSettings()
        self.address = ""
        """HOST:PORT that it listens on, once started."""

    async def start(self) -> None:
        """Listen.

        Raises:
            AddressError, KeysError, AuditError: As `GuardedEntrance`.
        """
        settings = self._settings
        self._entrance = GuardedEntrance(self._wanted_address, settings.protection)
        desk = AuditedLeaseDesk(settings.lease_duration_s, settings.client_deadline_s, self._entrance.audit)
        self._leadership = Leadership(desk, self._backend)
        self._estop = EStopService(self._backend, self._leadership, EStopDesk(settings.required_endpoints))
        try:
            await self._backend.start()
            try:
                self._server = await self._make_server()
                self.address = self._entrance.bind(self._server)
                await self._server.start()
            except BaseException:
                await self._backend.close()
                raise
        except BaseException:
            self._entrance.close()
            raise
        self._watching = [asyncio.create_task(w.watch()) for w in (self._leadership, self._estop)]
        _log.info("listening on %s", self.address)

    async def _make_server(self) -> grpc.aio.Server:
        server = grpc.aio.server(
            interceptors=(AsyncGateInterceptor(self._entrance.gate),),
            options=(*SERVER_OPTIONS, *self._entrance.options),
        )
        backend, leadership = self._backend, self._leadership
        self._robot_service = RobotService(backend, leadership)
        robot_service_pb2_grpc.add_RobotServiceServicer_to_server(self._robot_service, server)
        lease_service_pb2_grpc.add_LeaseServiceServicer_to_server(LeaseService(leadership), server)
        estop_service_pb2_grpc.add_EStopServiceServicer_to_server(self._estop, server)
        time_sync_service_pb2_grpc.add_TimeSyncServiceServicer_to_server(
            TimeSyncService(backend, leadership), server
        )
        simulation_service_pb2_grpc.add_SimulationServiceServicer_to_server(
            SimulationService(backend, leadership), server
        )
        healthy = health.aio.HealthServicer()
        for name in ("", *_SERVICES):
            await healthy.set(name, health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
        names = (*_SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, server)
        return server

    @property
    def leader(self) -> str:
        """Name of the client that leads; '' if nobody does."""
        leadership = getattr(self, "_leadership", None)  # there is none before `start`
        owner = leadership.desk.owner if leadership else None
        return owner.client_name if owner else ""

    async def stop(self) -> None:
        """End every call; the robot holds."""
        for watching in self._watching:
            watching.cancel()
        self._robot_service.end_streams()
        await self._server.stop(_GRACE_S)
        await self._leadership.settle()
        await self._backend.close()
        self._entrance.close()


class LockstepServer:
    """Serves a lockstep session from a thread of this process."""

    def __init__(
        self,
        make_session: Callable[[], RobotSession],
        address: str = "127.0.0.1:0",
        settings: ServerSettings | None = None,
    ):
        """Listen; return once clients can connect.

        Args:
            make_session: Called once, on the thread that will own the session; `close` closes it.
            address: HOST:PORT, on loopback unless there are keys; port 0 lets the system choose.

        Raises:
            RoboticsError: The address cannot be listened on, or the session cannot be made.
        """
        self._server = RobotServer(LocalBackend(make_session), address, settings)
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="lockstep server")
        self._thread.daemon = True
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure

    @property
    def address(self) -> str:
        """HOST:PORT that it listens on."""
        return self._server.address

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        try:
            await self._server.start()
        except BaseException as error:
            self._failure = error
            return
        finally:
            self._ready.set()
        await self._ended.wait()
        await self._server.stop()

    def wait(self) -> None:
        """Serve until `close` is called from elsewhere."""
        while self._thread.is_alive():
            self._thread.join(0.2)

    def close(self) -> None:
        """End every call and close the session."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join()
