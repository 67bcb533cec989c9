"""The verdict on an episode."""

from sim.judge import Judge
from sim.tasks import Assessment, make_task


def test_a_goal_must_hold_for_a_while():
    judge = Judge(make_task("stack_blocks"))
    done, not_yet = Assessment(True, "done", 1.0), Assessment(False, "place", 0.7)
    for time_s, seen, success in (
        (0.0, not_yet, False),
        (0.1, done, False),
        (0.3, done, False),
        (0.4, done, True),
        (0.5, not_yet, False),
        (0.6, done, False),
        (0.9, done, True),
    ):
        judge.observe(time_s, seen)
        assert judge.status.success is success


def test_progress_is_the_furthest_point_and_whole_only_with_success():
    judge = Judge(make_task("stack_blocks"))
    judge.observe(0.0, Assessment(False, "carry", 0.6))
    judge.observe(0.1, Assessment(False, "approach", 0.1))
    assert (judge.status.progress, judge.status.stage) == (0.6, "approach")
    judge.observe(0.2, Assessment(True, "done", 1.0))
    assert judge.status.progress == 0.99
    judge.observe(0.5, Assessment(True, "done", 1.0))
    assert judge.status.progress == 1.0
