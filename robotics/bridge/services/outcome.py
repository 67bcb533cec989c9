"""Runs the work of one request and says how it ended."""

import logging
from collections.abc import Awaitable
from typing import TypeVar

from robotics.bridge.statuses import OK, status_of
from robotics.bridge.v1 import types_pb2
from robotics.errors import RoboticsError

Result = TypeVar("Result")
_log = logging.getLogger(__name__)


async def outcome(work: Awaitable[Result]) -> tuple[types_pb2.Status, Result | None]:
    """The status, and the result where it is OK."""
    try:
        return OK, await work
    except RoboticsError as error:
        return status_of(error), None
    except Exception as error:  # a fault of ours must not look like a broken connection
        _log.exception("a request failed")
        return status_of(error), None
