"""An embodiment on the wire: its TOML text; the model that it names is looked for on this machine only."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path, PurePath

from robotics.bridge.codec import MalformedMessageError, decode_tasks, encode_tasks
from robotics.bridge.security.names import is_plain_name
from robotics.bridge.v1 import robot_service_pb2, types_pb2
from robotics.embodiment import Embodiment, parse_embodiment
from robotics.embodiments import embodiment_names, load_embodiment
from robotics.errors import EmbodimentError
from robotics.session import RobotDescription

_NOWHERE = Path(os.devnull)
"""No folder, so that whatever an unknown robot's text calls its model, no file here is meant."""


def encode_embodiment(embodiment: Embodiment) -> types_pb2.Embodiment:
    """Reads the embodiment's file once more.

    Raises:
        EmbodimentError: The file is gone, or another one than was loaded.
    """
    try:
        toml = embodiment.source.read_bytes()
    except OSError as error:
        raise EmbodimentError(str(embodiment.source), [f"cannot be read: {error.strerror}"]) from error
    if hashlib.sha256(toml).hexdigest() != embodiment.embodiment_hash:
        raise EmbodimentError(str(embodiment.source), ["has changed since it was loaded; start again"])
    return types_pb2.Embodiment(
        name=embodiment.name,
        toml=toml,
        embodiment_hash=embodiment.embodiment_hash,
        interface_fingerprint=embodiment.interface_fingerprint,
        model=embodiment.model,
    )


def decode_embodiment(message: types_pb2.Embodiment, local: Embodiment | None = None) -> Embodiment:
    """The embodiment; its `model_path` exists only where this machine has the very same file.

    Paths never come from the wire: the file is `local`, or a built-in one, if the hash agrees.

    Args:
        local: An embodiment that the caller has, and believes to be the robot's.

    Raises:
        MalformedMessageError: Text, hash and fingerprint disagree, or a name could be a path.
        EmbodimentError: The text is no embodiment.
    """
    if hashlib.sha256(message.toml).hexdigest() != message.embodiment_hash:
        raise MalformedMessageError(f"the hash of embodiment '{message.name}' is not that of its text")
    embodiment = _find(message, local) or _parse(message)
    if embodiment.interface_fingerprint != message.interface_fingerprint:
        raise MalformedMessageError(
            f"'{embodiment.name}' has interface fingerprint {embodiment.interface_fingerprint}; "
            f"the robot says {message.interface_fingerprint!r}: its software is of another version"
        )
    return embodiment


def _find(message: types_pb2.Embodiment, local: Embodiment | None) -> Embodiment | None:
    if local is not None and local.embodiment_hash == message.embodiment_hash:
        return local
    if message.name in embodiment_names():
        built_in = load_embodiment(message.name)
        if built_in.embodiment_hash == message.embodiment_hash:
            return built_in
    return None


def _parse(message: types_pb2.Embodiment) -> Embodiment:
    """An unknown robot. Recordings and reports become files called after it and its cameras."""
    embodiment = parse_embodiment(message.toml, _NOWHERE / "embodiment.toml")
    names = (embodiment.name, *embodiment.camera_names, *(arm.name for arm in embodiment.arm))
    for name in names:
        if not is_plain_name(name):
            raise MalformedMessageError(
                f"a robot's names are letters, digits and _ . - @, but one of its is {name[:40]!r}"
            )
    # an absolute path would name a file of this machine all the same
    return replace(embodiment, model=PurePath(embodiment.model).name)


def encode_description(description: RobotDescription) -> robot_service_pb2.DescribeResponse:
    """
    Raises:
        EmbodimentError: As `encode_embodiment`.
    """
    return robot_service_pb2.DescribeResponse(
        embodiment=encode_embodiment(description.embodiment),
        clock_id=description.clock_id,
        lockstep=description.lockstep,
        simulated=description.simulated,
        tasks=encode_tasks(description.tasks),
        software_version=description.software_version,
    )


def decode_description(
    message: robot_service_pb2.DescribeResponse, local: Embodiment | None = None
) -> RobotDescription:
    """
    Raises:
        MalformedMessageError, EmbodimentError: As `decode_embodiment`.
    """
    return RobotDescription(
        embodiment=decode_embodiment(message.embodiment, local),
        clock_id=message.clock_id,
        lockstep=message.lockstep,
        simulated=message.simulated,
        tasks=decode_tasks(message.tasks),
        software_version=message.software_version,
    )
