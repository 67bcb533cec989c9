"""Processes that each open a workplace once (a session, a policy), then take one job after another."""

import multiprocessing
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from robotics.errors import RoboticsError

Job = TypeVar("Job")
Result = TypeVar("Result")
Workplace = TypeVar("Workplace")

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerError(RoboticsError):
    """A worker process died, or met an error that nobody foresaw; the text has its last line."""


class WorkerPool(Generic[Workplace, Job, Result]):
    """Workers with one thread of arithmetic each: results do not depend on how many there are.

    `workers=0` works in the calling process, for tests and debuggers.
    """

    def __init__(
        self,
        open_workplace: Callable[[], Workplace],
        work: Callable[[Workplace, Job], Result],
        workers: int,
    ):
        """Start the processes.

        Args:
            open_workplace: Called once in each worker; picklable. What it returns may have a `close()`.
            work: Does one job; picklable.
        """
        if workers < 0:
            raise ValueError(f"workers wants 0 or more, got {workers}")
        self._open, self._work = open_workplace, work
        self._processes: list[Any] = []
        self._local: list[Workplace] = []
        self.capacity = max(1, workers)
        """Jobs that are worked on at a time."""
        self._waiting: list[Job] = []
        self._outstanding = 0
        if workers:
            context = multiprocessing.get_context("spawn")
            self._jobs: Any = context.Queue()
            self._results: Any = context.Queue()
            with _one_thread_each():
                for _ in range(workers):
                    process = context.Process(
                        target=_serve,
                        args=(open_workplace, work, self._jobs, self._results, os.getpid()),
                        daemon=True,
                    )
                    process.start()
                    self._processes.append(process)

    @property
    def outstanding(self) -> int:
        """Jobs given and not yet answered."""
        return self._outstanding

    def submit(self, job: Job) -> None:
        """Hand in a job; it waits until a worker is free."""
        self._outstanding += 1
        if self._processes:
            self._jobs.put(job)
        else:
            self._waiting.append(job)

    def next_result(self) -> tuple[Job, Result]:
        """The next finished job, in no particular order.

        Raises:
            RoboticsError: As the job raised it, or WorkerError.
        """
        if not self._outstanding:
            raise ValueError("no job is outstanding")
        if not self._processes:
            job = self._waiting.pop(0)
            if not self._local:
                self._local.append(self._open())
            self._outstanding -= 1
            return job, self._work(self._local[0], job)
        while True:
            try:
                job, result, error = self._results.get(timeout=0.5)
                break
            except queue.Empty:
                for process in self._processes:
                    if not process.is_alive():
                        raise WorkerError(
                            f"a worker process died (exit code {process.exitcode}); "
                            "out of memory? try fewer --workers"
                        ) from None
        self._outstanding -= 1
        if error is not None:
            raise error
        return job, result

    def map_unordered(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Result]]:
        """Every job with its result as it finishes; jobs are drawn only as workers get free."""
        exhausted = False
        while True:
            while not exhausted and self._outstanding < 2 * self.capacity:
                try:
                    self.submit(next(jobs))
                except StopIteration:
                    exhausted = True
            if not self._outstanding:
                return
            yield self.next_result()

    def close(self) -> None:
        """End the workers now; a job under way is dropped."""
        for process in self._processes:
            process.terminate()
            # a signal just before a worker waits for its next job would be seen only after that wait
            self._jobs.put(None)
        for process in self._processes:
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
        if self._processes:
            for channel in (self._jobs, self._results):
                channel.close()
                channel.cancel_join_thread()
        self._processes = []
        for workplace in self._local:
            _close(workplace)
        self._local = []

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Children inherit one arithmetic thread each; pools of threads would get in each other's way."""
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(open_workplace, work, jobs, results, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends us
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` clauses and `close` run
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    try:
        workplace = open_workplace()
    except Exception as error:
        results.put((None, None, _portable(error)))
        return
    try:
        while True:
            if (job := jobs.get()) is None:
                return
            try:
                results.put((job, work(workplace, job), None))
            except Exception as error:
                results.put((job, None, _portable(error)))
    finally:
        _close(workplace)


def _end_with_parent(parent: int) -> None:
    """A parent that was killed cannot end its children."""
    while os.getppid() == parent:
        threading.Event().wait(1.0)
    os._exit(1)


def _portable(error: BaseException) -> RoboticsError:
    """The error as the parent will raise it: subclasses with other constructors do not survive pickling."""
    if isinstance(error, RoboticsError):
        return WorkerError(str(error))
    last = traceback.format_exception_only(error)[-1].strip()
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({frame[0].filename}:{frame[0].lineno})" if frame else ""
    return WorkerError(f"{last}{where}")


def _close(workplace: Any) -> None:
    close = getattr(workplace, "close", None)
    if close is not None:
        close()
