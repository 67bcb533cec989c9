"""Token buckets let a rate pass, and a burst of a second; clients have shares of their own."""

from hypothesis import given
from hypothesis import strategies as st

from robotics.bridge.security.protection import Limits
from robotics.bridge.security.rates import Allowance, Allowances, TokenBucket


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@given(st.lists(st.tuples(st.floats(0.0, 0.5), st.floats(0.1, 20.0)), max_size=200))
def test_no_more_passes_than_rate_times_time_and_one_burst(takes: list[tuple[float, float]]):
    bucket, passed = TokenBucket(10.0, clock := Clock()), 0.0
    for pause_s, amount in takes:
        clock.now_s += pause_s
        if bucket.take(amount):
            passed += amount
    # one amount larger than the bucket may pass on credit, which is paid back before the next
    assert passed <= 10.0 * clock.now_s + 10.0 + 20.0


def test_what_stays_below_the_rate_is_never_refused():
    bucket = TokenBucket(10.0, clock := Clock())
    for _ in range(1000):
        clock.now_s += 0.1001
        assert bucket.take()


def test_one_clients_flood_is_not_anothers():
    allowances = Allowances(Limits(calls_per_s=5.0, calls_at_once=3), Clock())
    shares = [allowances.begin_call("anna") for _ in range(3)]
    assert "3 calls and streams at once" in str(allowances.begin_call("anna"))
    for share in shares:
        assert isinstance(share, Allowance)
        allowances.end_call(share)
    for _ in range(2):
        share = allowances.begin_call("anna")
        assert isinstance(share, Allowance)
        allowances.end_call(share)
    assert "5 calls a second" in str(allowances.begin_call("anna"))
    assert isinstance(allowances.begin_call("anna", unlimited=True), Allowance)
    assert isinstance(allowances.begin_call("bert"), Allowance)
