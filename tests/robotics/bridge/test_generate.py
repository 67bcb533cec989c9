"""The generated code is that of the .proto files, and lives where Python finds it."""

import pytest

from robotics.bridge.v1 import robot_service_pb2, types_pb2


def test_generated_code_is_up_to_date():
    pytest.importorskip("grpc_tools")
    from robotics.bridge.protos.generate import generate, out_of_date

    assert out_of_date(generate()) == []


def test_other_languages_see_the_package_robotics_v1():
    assert robot_service_pb2.DESCRIPTOR.package == "robotics.v1"
    assert robot_service_pb2.__name__ == "robotics.bridge.v1.robot_service_pb2"


def test_every_enumeration_begins_with_unknown():
    for name, enumeration in types_pb2.DESCRIPTOR.enum_types_by_name.items():
        first = enumeration.values_by_number[0].name
        assert first.endswith("_UNKNOWN"), f"{name} begins with {first}"
