"""RobotService: describe, state, commands, observations, frames, annotations."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import grpc

from robotics.bridge.backend import Acknowledgement, FrameNumber, ImageRequest, RobotBackend
from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.image_codec import DEFAULT_JPEG_QUALITY, encode_frame, encode_frame_number
from robotics.bridge.leadership import Leadership
from robotics.bridge.lease import decode_lease
from robotics.bridge.services.outcome import outcome
from robotics.bridge.statuses import OK, SlowReaderError, status_of
from robotics.bridge.v1 import robot_service_pb2 as pb
from robotics.bridge.v1 import robot_service_pb2_grpc, types_pb2
from robotics.errors import ChunkRefusedError, RoboticsError
from robotics.safety.status import ChunkStatus

_MOST_UNANSWERED_COMMANDS = 64
_LONGEST_TEXT = 2000


class RobotService(robot_service_pb2_grpc.RobotServiceServicer):
    """Whatever moves the robot needs the lease."""

    def __init__(self, backend: RobotBackend, leadership: Leadership):
        self._backend = backend
        self._leadership = leadership
        self._command_streams: set[asyncio.Queue[asyncio.Task[pb.CommandResponse] | None]] = set()

    def end_streams(self) -> None:
        """End what is open: to be cancelled by the server is noisy."""
        self._backend.end_streams()
        for answers in self._command_streams:
            with contextlib.suppress(asyncio.QueueFull):  # its client does not read
                answers.put_nowait(None)

    async def Describe(self, request: pb.DescribeRequest, context) -> pb.DescribeResponse:
        response = pb.DescribeResponse()
        response.CopyFrom(self._backend.description)
        response.lease_duration_s = self._leadership.desk.duration_s
        if not response.lockstep:
            response.client_deadline_s = self._leadership.desk.client_deadline_s
        return response

    async def GetState(self, request: pb.GetStateRequest, context) -> pb.GetStateResponse:
        status, state = await outcome(self._backend.state())
        return pb.GetStateResponse(status=status, state=state)

    async def StreamState(
        self, request: pb.StreamStateRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[types_pb2.RobotState]:
        states = self._backend.states()
        await context.send_initial_metadata(())
        try:
            async for state in states:
                yield state
        except SlowReaderError as error:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error))
        except RoboticsError as error:
            await context.abort(grpc.StatusCode.INTERNAL, str(error))

    async def StreamCommands(
        self, request_iterator: AsyncIterator[pb.CommandRequest], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[pb.CommandResponse]:
        # Commands reach the robot as they come; a tick may take several, whose answers come together.
        answers: asyncio.Queue[asyncio.Task[pb.CommandResponse] | None] = asyncio.Queue(
            _MOST_UNANSWERED_COMMANDS
        )
        stream = object()

        async def read() -> None:
            async for request in request_iterator:
                await answers.put(asyncio.create_task(self._command(request, stream)))
            await answers.put(None)

        reading = asyncio.create_task(read())
        self._command_streams.add(answers)
        try:
            while (answer := await answers.get()) is not None:
                yield await answer
        finally:
            reading.cancel()
            self._command_streams.discard(answers)
            self._leadership.command_stream_ends(stream)

    async def _command(self, request: pb.CommandRequest, stream: object) -> pb.CommandResponse:
        async def work() -> Acknowledgement:
            self._leadership.desk.check(decode_lease(request.lease))
            self._leadership.command_stream_begins(stream)
            self._check_time_stamp(request.chunk)
            return await self._backend.send(request.chunk)

        status, answer = await outcome(work())
        if answer is not None:
            return pb.CommandResponse(
                request_id=request.request_id, status=status, state=answer.state, waited_ns=answer.waited_ns
            )
        _, state = await outcome(self._backend.state())
        return pb.CommandResponse(request_id=request.request_id, status=status, state=state)

    def _check_time_stamp(self, chunk: types_pb2.ActionChunk) -> None:
        """A start in the future is no state's time but was stamped by the client's own clock."""
        if self._leadership.desk.is_synchronised or self._backend.description.lockstep:
            return
        ahead_ns = chunk.start_time_ns - self._backend.now_ns()
        if ahead_ns > 0 and chunk.clock_id == self._backend.description.clock_id:
            raise ChunkRefusedError(
                ChunkStatus.NO_TIME_SYNC.value,
                f"the chunk starts {ahead_ns * 1e-9:.3f} s in the future, stamped by a clock that was not "
                "compared with the robot's in the last minute; synchronise under the lease first",
            )

    async def GetObservation(self, request: pb.GetObservationRequest, context) -> pb.GetObservationResponse:
        response = pb.GetObservationResponse(status=OK)

        async def work() -> None:
            images = _image_request(request.images)
            await self._backend.observe(tuple(request.cameras), images, response.observation)

        status, _ = await outcome(work())
        return response if status is OK else pb.GetObservationResponse(status=status)

    async def StreamFrames(
        self, request: pb.StreamFramesRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[pb.StreamFramesResponse]:
        try:
            images = _image_request(request.images)
            frames = self._backend.frames(tuple(request.cameras), images.shared)
        except RoboticsError as error:
            yield pb.StreamFramesResponse(status=status_of(error))
            return
        await context.send_initial_metadata(())
        try:
            async for new in frames:
                response = pb.StreamFramesResponse(status=OK, dropped=new.dropped)
                if isinstance(new.frame, FrameNumber):
                    encode_frame_number(new.camera, new.frame, response.frame)
                elif images.jpeg_quality:
                    await asyncio.to_thread(
                        encode_frame, new.camera, new.frame, images.jpeg_quality, response.frame
                    )
                else:
                    encode_frame(new.camera, new.frame, into=response.frame)
                yield response
        except RoboticsError as error:
            await context.abort(grpc.StatusCode.UNAVAILABLE, str(error))

    async def Annotate(self, request: pb.AnnotateRequest, context) -> pb.AnnotateResponse:
        async def work() -> None:
            if request.event.kind == types_pb2.EVENT_KIND_INSTRUCTION:
                self._leadership.desk.check(decode_lease(request.lease))
            elif request.event.kind not in _OPEN_EVENTS:
                raise MalformedMessageError(
                    "a client may annotate INSTRUCTION, OUTCOME, SUBTASK, INTERVENTION and NOTE; "
                    f"got {request.event.kind}, which the robot tells itself"
                )
            _check_size(request.event)
            await self._backend.annotate(request.event)

        return pb.AnnotateResponse(status=(await outcome(work()))[0])

    async def Hold(self, request: pb.HoldRequest, context) -> pb.HoldResponse:
        async def work() -> None:
            self._leadership.desk.check(decode_lease(request.lease))
            await self._backend.hold()

        return pb.HoldResponse(status=(await outcome(work()))[0])

    async def SetMotion(self, request: pb.SetMotionRequest, context) -> pb.SetMotionResponse:
        work = self._leadership.set_motion(decode_lease(request.lease), request.motion)
        return pb.SetMotionResponse(status=(await outcome(work))[0])


_OPEN_EVENTS = (
    types_pb2.EVENT_KIND_OUTCOME,
    types_pb2.EVENT_KIND_NOTE,
    types_pb2.EVENT_KIND_SUBTASK,
    types_pb2.EVENT_KIND_INTERVENTION,
)


def _check_size(event: types_pb2.Event) -> None:
    """An event travels in a tick of the state stream, which control must be able to report.

    Raises:
        MalformedMessageError: It is too long.
    """
    length = len(event.text) + sum(len(key) + len(value) for key, value in event.data.items())
    if length > _LONGEST_TEXT:
        raise MalformedMessageError(
            f"an event's text and data have at most {_LONGEST_TEXT} characters together, got {length}"
        )


def _image_request(options: pb.ImageOptions) -> ImageRequest:
    if options.format in (types_pb2.IMAGE_FORMAT_UNKNOWN, types_pb2.IMAGE_FORMAT_RGB8):
        return ImageRequest()
    if options.format == types_pb2.IMAGE_FORMAT_SHARED:
        return ImageRequest(shared=True)
    if options.format != types_pb2.IMAGE_FORMAT_JPEG or options.jpeg_quality > 100:
        raise MalformedMessageError(
            f"pictures come as RGB8, SHARED or JPEG of quality 1 .. 100, asked for format {options.format}, "
            f"quality {options.jpeg_quality}"
        )
    return ImageRequest(options.jpeg_quality or DEFAULT_JPEG_QUALITY)
