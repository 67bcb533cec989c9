"""Between the vocabulary and its protobuf messages: what a robot, a policy and a recorder exchange.

Every pair is exact: 64-bit floats and integers travel as they are. `decode_*` checks what it is
given, for the bytes come from elsewhere. Pictures are in `image_codec`.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from robotics.action import ActionChunk
from robotics.bridge.v1 import types_pb2
from robotics.errors import ChunkRefusedError, RoboticsError
from robotics.motion_settings import ChunkStrategy, MotionSettings
from robotics.observation import JointState
from robotics.safety.status import ChunkStatus
from robotics.session import Event, EventKind, LatencyStatistics, RobotMode, RobotState
from robotics.task import EpisodeSetup, TaskDescription, TaskStatus


class MalformedMessageError(RoboticsError):
    """A message of the right type that makes no sense."""


_MODES: dict[RobotMode, Any] = {
    mode: types_pb2.RobotMode.Value(f"ROBOT_MODE_{mode.name}") for mode in RobotMode
}
_MODES_BACK = {value: mode for mode, value in _MODES.items()}
_KINDS: dict[EventKind, Any] = {
    kind: types_pb2.EventKind.Value(f"EVENT_KIND_{kind.name}") for kind in EventKind
}
_KINDS_BACK = {value: kind for kind, value in _KINDS.items()}
_STRATEGIES: dict[ChunkStrategy, Any] = {
    strategy: types_pb2.ChunkStrategy.Value(f"CHUNK_STRATEGY_{strategy.name}") for strategy in ChunkStrategy
}
_STRATEGIES_BACK = {value: strategy for strategy, value in _STRATEGIES.items()} | {
    types_pb2.CHUNK_STRATEGY_UNKNOWN: ChunkStrategy.SPLICE
}


def _vector(values) -> np.ndarray:
    """A repeated double as a float64 vector."""
    return np.array(values, float)


def encode_trajectory(
    positions: np.ndarray, into: types_pb2.JointTrajectory | None = None
) -> types_pb2.JointTrajectory:
    """Joint targets, shape (steps, action_dim).

    Args:
        into: An empty message to fill and return.
    """
    message = types_pb2.JointTrajectory() if into is None else into
    message.steps, message.dimension = positions.shape
    message.positions.extend(positions.ravel().tolist())
    return message


def decode_trajectory(message: types_pb2.JointTrajectory) -> np.ndarray:
    """Joint targets, shape (steps, action_dim).

    Raises:
        MalformedMessageError: The number of values is not steps * dimension.
    """
    if len(message.positions) != message.steps * message.dimension:
        raise MalformedMessageError(
            f"a trajectory of {message.steps} steps of {message.dimension} dimensions has "
            f"{message.steps * message.dimension} values; got {len(message.positions)}"
        )
    return _vector(message.positions).reshape(message.steps, message.dimension)


def encode_chunk(chunk: ActionChunk, into: types_pb2.ActionChunk | None = None) -> types_pb2.ActionChunk:
    """
    Args:
        into: An empty message to fill and return.

    Raises:
        ChunkRefusedError: Status `wrong_dimension`: positions or `intended` are no (steps, action_dim) array.
    """
    message = types_pb2.ActionChunk() if into is None else into
    message.start_time_ns, message.period_ns = chunk.start_time_ns, chunk.period_ns
    message.clock_id, message.fingerprint = chunk.clock_id, chunk.fingerprint
    message.chunk_id, message.late_tolerance_ns = chunk.chunk_id, chunk.late_tolerance_ns
    for name, values in (("positions", chunk.positions), ("intended", chunk.intended)):
        if values is None:
            continue
        if np.ndim(values) != 2:
            raise ChunkRefusedError(
                ChunkStatus.WRONG_DIMENSION.value,
                f"{name} want shape (steps, action_dim), got {np.shape(values)}",
            )
        encode_trajectory(np.asarray(values, float), getattr(message, name))
    return message


def decode_chunk(message: types_pb2.ActionChunk) -> ActionChunk:
    """
    Raises:
        MalformedMessageError: A trajectory disagrees with its own shape.
    """
    return ActionChunk(
        positions=decode_trajectory(message.positions),
        start_time_ns=message.start_time_ns,
        period_ns=message.period_ns,
        clock_id=message.clock_id,
        fingerprint=message.fingerprint,
        intended=decode_trajectory(message.intended) if message.HasField("intended") else None,
        chunk_id=message.chunk_id,
        late_tolerance_ns=message.late_tolerance_ns,
    )


def encode_motion(settings: MotionSettings) -> types_pb2.MotionSettings:
    return types_pb2.MotionSettings(
        speed=settings.speed, shadow=settings.shadow, strategy=_STRATEGIES[settings.strategy]
    )


def decode_motion(message: types_pb2.MotionSettings) -> MotionSettings:
    """
    Raises:
        MalformedMessageError: The speed is not 0 .. 1, or there is no such strategy.
    """
    if message.strategy not in _STRATEGIES_BACK:
        raise MalformedMessageError(
            f"no chunk strategy {message.strategy}; there are 1 .. {max(_STRATEGIES_BACK)}"
        )
    try:
        return MotionSettings(message.speed, message.shadow, _STRATEGIES_BACK[message.strategy])
    except ValueError as error:
        raise MalformedMessageError(str(error)) from None


def encode_joints(joints: JointState) -> types_pb2.JointState:
    return types_pb2.JointState(
        tick=joints.tick,
        time_ns=joints.time_ns,
        position=joints.position.tolist(),
        velocity=joints.velocity.tolist(),
        target=joints.target.tolist(),
    )


def decode_joints(message: types_pb2.JointState) -> JointState:
    """
    Raises:
        MalformedMessageError: The vectors differ in length.
    """
    position, velocity, target = map(_vector, (message.position, message.velocity, message.target))
    if not len(position) == len(velocity) == len(target):
        raise MalformedMessageError(
            f"a joint state has {len(position)} positions, {len(velocity)} velocities, {len(target)} targets"
        )
    return JointState(message.tick, message.time_ns, position, velocity, target)


def encode_event(event: Event) -> types_pb2.Event:
    return types_pb2.Event(
        kind=_KINDS[event.kind], text=event.text, time_ns=event.time_ns, data=dict(event.data)
    )


def decode_event(message: types_pb2.Event) -> Event:
    """
    Raises:
        MalformedMessageError: No known kind.
    """
    if message.kind not in _KINDS_BACK:
        raise MalformedMessageError(f"no event kind {message.kind}; there are 1 .. {max(_KINDS_BACK)}")
    return Event(_KINDS_BACK[message.kind], message.text, message.time_ns, dict(message.data))


def encode_task_status(status: TaskStatus) -> types_pb2.TaskStatus:
    return types_pb2.TaskStatus(success=status.success, progress=status.progress, stage=status.stage)


def decode_task_status(message: types_pb2.TaskStatus) -> TaskStatus:
    return TaskStatus(message.success, message.progress, message.stage)


def encode_state(state: RobotState) -> types_pb2.RobotState:
    return types_pb2.RobotState(
        joints=encode_joints(state.joints),
        requested=state.requested.tolist(),
        applied=state.applied.tolist(),
        intended=state.intended.tolist(),
        mode=_MODES[state.mode],
        plan_steps=state.plan_steps,
        chunk_id=state.chunk_id,
        instruction=state.instruction,
        missed_deadlines=state.missed_deadlines,
        starvations=state.starvations,
        guard_counts=dict(state.guard_counts),
        events=map(encode_event, state.events),
        statistics=(types_pb2.LatencyStatistics(**vars(row)) for row in state.statistics),
        task=None if state.task is None else encode_task_status(state.task),
        motion=encode_motion(state.motion),
        stop_reason=state.stop_reason,
    )


def decode_state(message: types_pb2.RobotState) -> RobotState:
    """
    Raises:
        MalformedMessageError: An unknown mode or event kind, or vectors of different lengths.
    """
    if message.mode not in _MODES_BACK:
        raise MalformedMessageError(f"no robot mode {message.mode}; there are 1 .. {max(_MODES_BACK)}")
    return RobotState(
        joints=decode_joints(message.joints),
        requested=_vector(message.requested),
        applied=_vector(message.applied),
        intended=_vector(message.intended),
        mode=_MODES_BACK[message.mode],
        plan_steps=message.plan_steps,
        chunk_id=message.chunk_id,
        instruction=message.instruction,
        missed_deadlines=message.missed_deadlines,
        starvations=message.starvations,
        guard_counts=dict(message.guard_counts),
        events=tuple(map(decode_event, message.events)),
        statistics=tuple(
            LatencyStatistics(row.stage, row.count, row.p50_ms, row.p95_ms, row.p99_ms, row.max_ms)
            for row in message.statistics
        ),
        task=decode_task_status(message.task) if message.HasField("task") else None,
        motion=decode_motion(message.motion) if message.HasField("motion") else MotionSettings(),
        stop_reason=message.stop_reason,
    )


def decode_mode(value: int) -> RobotMode:
    """
    Raises:
        MalformedMessageError: No known mode.
    """
    if value not in _MODES_BACK:
        raise MalformedMessageError(f"no robot mode {value}; there are 1 .. {max(_MODES_BACK)}")
    return _MODES_BACK[value]


def encode_setup(setup: EpisodeSetup) -> types_pb2.EpisodeSetup:
    return types_pb2.EpisodeSetup(task=setup.task, seed=setup.seed, instruction=setup.instruction)


def decode_setup(message: types_pb2.EpisodeSetup) -> EpisodeSetup:
    return EpisodeSetup(message.task, message.seed, message.instruction)


def encode_tasks(tasks: Iterable[TaskDescription]) -> list[types_pb2.TaskDescription]:
    return [
        types_pb2.TaskDescription(
            name=task.name,
            summary=task.summary,
            instructions=task.instructions,
            time_limit_s=task.time_limit_s,
        )
        for task in tasks
    ]


def decode_tasks(messages: Iterable[types_pb2.TaskDescription]) -> tuple[TaskDescription, ...]:
    return tuple(
        TaskDescription(message.name, message.summary, tuple(message.instructions), message.time_limit_s)
        for message in messages
    )
