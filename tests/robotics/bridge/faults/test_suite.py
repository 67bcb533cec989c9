"""The fast part of the fault suite: every quick fault is injected into real processes.

`robotics bench faults` injects them all.
"""

from collections.abc import Iterator

import pytest

from robotics.bridge.faults.finding import KINDS, Fault
from robotics.bridge.faults.suite import ALL_FAULTS, FaultRun
from robotics.embodiments import load_embodiment

QUICK = [fault for fault in ALL_FAULTS if fault.quick]


@pytest.fixture(scope="module")
def run() -> Iterator[FaultRun]:
    # how soon it slows down is a figure of the bench, not a test's business
    with FaultRun(load_embodiment("aloha2"), patience_s=30.0) as running:
        yield running


@pytest.mark.parametrize("fault", QUICK, ids=lambda fault: f"{fault.party}, {fault.how}")
def test_what_must_hold_holds(run: FaultRun, fault: Fault):
    row = run.inject(fault)
    assert not row.finding.problem
    if row.finding.standstill_s is not None:
        assert row.finding.slowing_s is not None and row.finding.slowing_s <= row.finding.standstill_s


def test_every_kind_of_fault_is_injected_and_no_two_rows_are_alike():
    assert {fault.how.partition(":")[0] for fault in ALL_FAULTS} == set(KINDS)
    assert len({(fault.party, fault.how) for fault in ALL_FAULTS}) == len(ALL_FAULTS)


def test_a_kind_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no kind of fault in 'odd: x'; there are: off, stuck"):
        Fault("client", "odd: x", "", lambda scene: None)  # type: ignore[arg-type]
