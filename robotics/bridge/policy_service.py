"""A policy in another process: `PolicyServer` serves any policy, `RemotePolicy` is one that is served."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator

import grpc

from robotics.action import ActionChunk
from robotics.bridge.codec import MalformedMessageError, decode_chunk, encode_chunk
from robotics.bridge.connection import Connection
from robotics.bridge.exchange import Exchange
from robotics.bridge.image_codec import decode_observation, encode_observation
from robotics.bridge.security.key_folder import Credentials
from robotics.bridge.security.protection import Limits, Protection
from robotics.bridge.statuses import OK, BusyError, raise_for, status_of
from robotics.bridge.thread_server import ThreadServer
from robotics.bridge.v1 import policy_service_pb2 as pb
from robotics.bridge.v1 import policy_service_pb2_grpc
from robotics.errors import RoboticsError
from robotics.observation import Observation
from robotics.policy import Policy

DEFAULT_ADDRESS = "127.0.0.1:50052"
_SERVICE = "robotics.v1.PolicyService"
_MEBIBYTE = 1 << 20
_OPTIONS = (
    # an observation with raw pictures of every camera
    ("grpc.max_receive_message_length", 64 * _MEBIBYTE),
    ("grpc.max_send_message_length", 4 * _MEBIBYTE),
)
POLICY_LIMITS = Limits(bytes_per_s=1024.0 * _MEBIBYTE)
"""Observations carry pictures."""
_TIMEOUT_S = 5.0
_ACT_TIMEOUT_S = 60.0
"""The first inference of a process may compile and load."""
_log = logging.getLogger(__name__)


class PolicyService(policy_service_pb2_grpc.PolicyServiceServicer):
    """One stream is one policy session: it gets a policy object of its own for as long as it lasts."""

    def __init__(self, make_policy: Callable[[], Policy], max_sessions: int):
        """Make the first policy; the others when they are needed."""
        self._make_policy = make_policy
        self._max_sessions = max_sessions
        self._idle: queue.LifoQueue[Policy] = queue.LifoQueue()
        self._made = 1
        self._making = threading.Lock()
        first = make_policy()
        self._description = pb.DescribePolicyResponse(
            name=first.name,
            cameras=first.cameras,
            replan_steps=first.replan_steps,
            max_sessions=max_sessions,
        )
        self._idle.put(first)

    def _take(self) -> Policy:
        with self._making:
            try:
                return self._idle.get_nowait()
            except queue.Empty:
                if self._made == self._max_sessions:
                    raise BusyError(
                        f"policy '{self._description.name}' serves {self._max_sessions} "
                        f"client{'s' if self._max_sessions > 1 else ''} at a time, and does so now"
                    ) from None
                policy = self._make_policy()
                self._made += 1
                return policy

    def Describe(self, request: pb.DescribePolicyRequest, context) -> pb.DescribePolicyResponse:
        return self._description

    def Act(self, request_iterator: Iterator[pb.ActRequest], context) -> Iterator[pb.ActResponse]:
        try:
            policy = self._take()
        except RoboticsError as error:
            yield pb.ActResponse(status=status_of(error))
            return
        try:
            policy.reset()
            for request in request_iterator:
                yield _answer(policy, request)
        except grpc.RpcError:  # the client is gone in the middle
            return
        finally:
            self._idle.put(policy)


def _answer(policy: Policy, request: pb.ActRequest) -> pb.ActResponse:
    try:
        if request.HasField("reset"):
            policy.reset()
            return pb.ActResponse(status=OK)
        if not request.HasField("observation"):
            raise MalformedMessageError("a request is a reset or an observation, this one is neither")
        observation = decode_observation(request.observation)
        started_ns = time.perf_counter_ns()
        chunk = policy.act(observation)
        duration_ns = time.perf_counter_ns() - started_ns
        response = pb.ActResponse(status=OK, act_duration_ns=duration_ns)
        encode_chunk(chunk, response.chunk)
        return response
    except RoboticsError as error:
        return pb.ActResponse(status=status_of(error))
    except Exception as error:  # the policy's fault must not look like a broken connection
        _log.exception("the policy failed")
        return pb.ActResponse(status=status_of(error))


class PolicyServer:
    """Serves from threads of this process until `close`."""

    def __init__(
        self,
        make_policy: Callable[[], Policy],
        address: str = DEFAULT_ADDRESS,
        max_sessions: int = 1,
        protection: Protection | None = None,
    ):
        """Listen; return once clients can connect.

        Args:
            make_policy: Makes a policy with a memory of its own; called once here, and for each session
                that runs at the same time as others.
            address: HOST:PORT, on loopback unless there are keys; port 0 lets the system choose.
            max_sessions: Sessions at a time; more are refused.

        Raises:
            AddressError, KeysError, AuditError: As `GuardedEntrance`.
            RoboticsError: Whatever `make_policy` raises.
        """
        self._server = ThreadServer(address, protection or Protection(limits=POLICY_LIMITS))
        try:
            service = PolicyService(make_policy, max_sessions)
            self._server.start(
                _SERVICE,
                lambda server: policy_service_pb2_grpc.add_PolicyServiceServicer_to_server(service, server),
                # a stream occupies a thread; some are left for the rest
                threads=max_sessions + 4,
                options=_OPTIONS,
            )
        except BaseException:
            self._server.close()
            raise

    @property
    def address(self) -> str:
        """HOST:PORT that it listens on."""
        return self._server.address

    def wait(self) -> None:
        """Serve until `close` is called from elsewhere, or Ctrl-C."""
        self._server.wait()

    def close(self) -> None:
        """End every session."""
        self._server.close()


class RemotePolicy:
    """Implements Policy by asking a `PolicyServer`; one session, opened by the first question."""

    def __init__(self, address: str, jpeg_quality: int = 0, credentials: Credentials | None = None):
        """Connect.

        Args:
            address: HOST:PORT.
            jpeg_quality: 1 .. 100 lets pictures travel as JPEG, for slow networks; 0 as they are.
            credentials: For a server with TLS, from `load_credentials`.

        Raises:
            ConnectionFailedError: No policy answers there.
        """
        self._connection = Connection(address, "policy", credentials)
        self._jpeg_quality = jpeg_quality
        stub = policy_service_pb2_grpc.PolicyServiceStub(self._connection.channel)
        try:
            self._description = self._connection.call(stub.Describe, pb.DescribePolicyRequest(), _TIMEOUT_S)
        except BaseException:
            self._connection.close()
            raise
        self._session = Exchange(self._connection, stub.Act, "policy", _ACT_TIMEOUT_S)

    @property
    def name(self) -> str:
        return self._description.name

    @property
    def cameras(self) -> tuple[str, ...]:
        return tuple(self._description.cameras)

    @property
    def replan_steps(self) -> int:
        return self._description.replan_steps

    def reset(self) -> None:
        raise_for(self._session.ask(pb.ActRequest(reset=pb.ResetPolicy())).status)

    def act(self, observation: Observation) -> ActionChunk:
        """
        Raises:
            IncompatibleError: The observation lacks a camera or has another action dimension.
            ConnectionFailedError: The policy does not answer; its memory of the episode is lost.
        """
        request = pb.ActRequest()
        encode_observation(observation, self._jpeg_quality, request.observation)
        response = self._session.ask(request)
        raise_for(response.status)
        return decode_chunk(response.chunk)

    def close(self) -> None:
        """End the session."""
        self._session.close()
        self._connection.close()
