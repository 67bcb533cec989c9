"""docs/wire.md names every status and stage that a client may meet, and no call that does not exist."""

import re
from pathlib import Path

from google.protobuf import descriptor_pool

import robotics.bridge.v1.estop_service_pb2
import robotics.bridge.v1.lease_service_pb2
import robotics.bridge.v1.reasoner_service_pb2
import robotics.bridge.v1.robot_service_pb2
import robotics.bridge.v1.time_sync_service_pb2  # noqa: F401  (registers its service, as those above)
from robotics.bridge.server_statistics import COMMAND_STAGES
from robotics.bridge.v1 import types_pb2

PAGE = (Path(__file__).parents[2] / "docs" / "wire.md").read_text()


def test_every_status_is_on_the_page():
    section = PAGE.split("## Statuses")[1].split("\n## ")[0]
    told = set(re.findall(r"\b[A-Z_]{2,}\b", section))
    missing = {name.removeprefix("STATUS_CODE_") for name, _ in types_pb2.StatusCode.items()} - told
    assert not missing


def test_every_call_of_the_page_exists():
    calls = set(re.findall(r"(?:robotics\.v1\.)?(\w+Service)/(\w+)", PAGE))
    assert len(calls) >= 9
    for service, method in calls:
        descriptor = descriptor_pool.Default().FindServiceByName(f"robotics.v1.{service}")
        assert method in descriptor.methods_by_name, f"{service}/{method}"


def test_every_stage_is_on_the_page():
    for stage in ("read", "judge", "plan", "guard", "write", "tick", "lateness", *COMMAND_STAGES, "encode"):
        assert f"`{stage}`" in PAGE
