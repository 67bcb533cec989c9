"""One lockstep robot for all tests of the planner."""

from collections.abc import Iterator

import pytest
from contracts.planner_bench import PlannerBench

from robotics.embodiments import load_embodiment


@pytest.fixture(scope="session")
def bench() -> Iterator[PlannerBench]:
    made = PlannerBench(load_embodiment("aloha2"))
    yield made
    made.session.close()
