"""One contract for every place that a dataset can be read from: a folder, and object stores."""

import multiprocessing
import pickle

import pytest
from contracts.storage_places import STORES, make_place

from demonstrations.storage import ObjectPath, RangeFile, locate, write_whole
from robotics.errors import DatasetError


@pytest.fixture(params=STORES)
def place(request, tmp_path):
    return make_place(request.param, tmp_path)


class TestPlace:
    def test_what_is_written_is_read(self, place):
        write_whole(place / "a/b.bin", b"0123456789")
        assert (place / "a" / "b.bin").read_bytes() == b"0123456789"
        assert ((place / "a/b.bin").name, (place / "a/b.bin").parent.name) == ("b.bin", "a")
        write_whole(place / "a/b.bin", b"new")
        assert (place / "a/b.bin").read_bytes() == b"new"

    def test_parts_are_read_in_any_order_and_end_with_the_file(self, place):
        write_whole(place / "x", b"0123456789")
        with RangeFile(place / "x") as file:
            assert file.read_ranges([(7, 2), (0, 3), (8, 9), (1, 1)]) == [b"78", b"012", b"89", b"1"]
            assert file.read_ranges([]) == []
            assert file.read_end(4) == (b"6789", 10)
            assert file.read_end(99) == (b"0123456789", 10)

    def test_what_is_not_there_is_said_to_be(self, place):
        with pytest.raises(FileNotFoundError):
            (place / "nothing").read_bytes()
        with pytest.raises(OSError), RangeFile(place / "nothing") as file:
            file.read_end(4)
        assert not (place / "nothing").is_dir()

    def test_a_place_with_something_below_is_a_folder(self, place):
        write_whole(place / "a/b/c", b"1")
        assert (place / "a").is_dir()
        assert (place / "a/b").is_dir()
        assert not (place / "a/b/c").is_dir()

    def test_it_can_be_pickled(self, place):
        write_whole(place / "x", b"1")
        assert (pickle.loads(pickle.dumps(place)) / "x").read_bytes() == b"1"


def test_a_url_that_names_no_store_is_refused():
    with pytest.raises(DatasetError, match="nonsense://bucket is no object store"):
        ObjectPath("nonsense://bucket/x").read_bytes()


def _read(place, results):
    try:
        results.put((place / "x").read_bytes())
    except DatasetError as error:
        results.put(str(error))


def test_a_forked_process_is_told_what_to_do_instead_of_waiting_for_ever(tmp_path):
    place = make_place("memory", tmp_path)
    write_whole(place / "x", b"1")
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    process = context.Process(target=_read, args=(place, results))
    process.start()
    assert "start workers with multiprocessing_context='spawn'" in results.get()
    process.join()


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(DatasetError, match=r"pip install 'robotics\[cloud\]'"):
        locate("s3://bucket/x")
