"""Every error is one line that a user can act on."""

import inspect

import pytest

from robotics import errors
from robotics.errors import (
    ChunkRefusedError,
    DatasetError,
    EmbodimentError,
    RoboticsError,
    StorageFullError,
    UnknownNameError,
)

ALL = [e for _, e in inspect.getmembers(errors, inspect.isclass) if e.__module__ == errors.__name__]


@pytest.mark.parametrize("error", ALL, ids=lambda e: e.__name__)
def test_every_error_has_the_one_root_and_says_when_it_is_raised(error):
    assert issubclass(error, RoboticsError)
    assert error.__doc__ and error.__name__.endswith("Error")


def test_an_unknown_name_tells_owner_neighbours_and_what_exists():
    error = UnknownNameError("camera", "wrist_lft", ["overhead", "wrist_left", "wrist_right"], owner="aloha2")
    text = str(error)
    assert text.startswith("no camera 'wrist_lft' on 'aloha2' (did you mean 'wrist_left'")
    assert text.endswith("there are: overhead, wrist_left, wrist_right")


def test_an_unknown_name_without_neighbours_guesses_nothing():
    assert str(UnknownNameError("task", "zzz", ["lift"])) == "no task 'zzz'; there are: lift"


def test_an_unknown_name_where_nothing_exists_says_so():
    assert str(UnknownNameError("task", "lift", [])) == "no task 'lift'; there are: none"


def test_existing_names_may_come_from_a_generator():
    assert "there are: a, b" in str(UnknownNameError("task", "c", (name for name in "ab")))


def test_an_embodiment_error_keeps_every_problem():
    error = EmbodimentError("arm.toml", ["no joint", "no gripper"])
    assert error.problems == ("no joint", "no gripper")
    assert str(error) == "arm.toml: no joint; no gripper"


def test_a_refused_chunk_carries_its_status():
    error = ChunkRefusedError("STALE", "every step of the chunk lies in the past")
    assert error.status == "STALE"
    assert str(error) == "every step of the chunk lies in the past"


def test_a_full_disk_is_handled_where_dataset_errors_are():
    assert issubclass(StorageFullError, DatasetError)


def test_a_name_of_megabytes_is_neither_compared_nor_repeated_whole():
    text = str(UnknownNameError("camera", "c" * 4_000_000, ["overhead"]))
    assert text == f"no camera '{'c' * 77}...'; there are: overhead"
