"""The worker pool: processes, results, errors."""

import os
from dataclasses import dataclass

import pytest

from robotics.errors import DatasetError
from robotics.evaluation.workers import WorkerError, WorkerPool


@dataclass
class Desk:
    offset: int

    def close(self) -> None:
        self.offset = 0


def open_desk() -> Desk:
    return Desk(100)


def add(desk: Desk, number: int) -> int:
    if number == 13:
        raise DatasetError("thirteen is not stored")
    if number == 14:
        os._exit(3)
    if number == 15:
        raise KeyError("fifteen")
    return desk.offset + number


def thread_limit(desk: Desk, number: int) -> str:
    return os.environ.get("OMP_NUM_THREADS", "")


def test_every_job_is_answered_by_processes_and_in_process_alike():
    for workers in (0, 2):
        with WorkerPool(open_desk, add, workers) as pool:
            assert dict(pool.map_unordered(iter(range(7)))) == {n: 100 + n for n in range(7)}


def test_workers_have_one_arithmetic_thread_and_the_parent_keeps_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with WorkerPool(open_desk, thread_limit, 1) as pool:
        pool.submit(0)
        assert pool.next_result() == (0, "1")
    assert os.environ["OMP_NUM_THREADS"] == "7"


@pytest.mark.parametrize(
    ("job", "message"), [(13, "thirteen is not stored"), (14, "exit code 3"), (15, "fifteen")]
)
def test_what_goes_wrong_in_a_worker_is_one_clear_line(job: int, message: str):
    with WorkerPool(open_desk, add, 1) as pool, pytest.raises(WorkerError, match=message) as caught:
        pool.submit(job)
        pool.next_result()
    assert "\n" not in str(caught.value)


def test_jobs_are_drawn_only_as_they_are_needed():
    drawn = []

    def jobs():
        for number in range(100):
            drawn.append(number)
            yield number

    with WorkerPool(open_desk, add, 0) as pool:
        next(pool.map_unordered(jobs()))
    assert len(drawn) <= 2
