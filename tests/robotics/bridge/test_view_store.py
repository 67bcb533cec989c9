"""What a reasoner's server keeps is bounded, and one client cannot push out what others sent."""

import numpy as np
import pytest

from robotics.bridge.view_store import UnknownViewError, ViewLimits, ViewStore
from robotics.errors import RoboticsError
from robotics.reasoning.view import View


def view() -> View:
    return View(np.zeros((10, 10, 3), np.uint8), np.zeros((10, 10), np.float32))


VIEW_BYTES = 300 + 400


def kept(store: ViewStore, ids: list[str]) -> list[bool]:
    found = []
    for view_id in ids:
        try:
            store.get([view_id])
        except UnknownViewError:
            found.append(False)
        else:
            found.append(True)
    return found


def test_a_view_is_found_by_its_id_and_by_no_other():
    store, mine = ViewStore(), view()
    view_id = store.put(mine, "anna")
    assert store.get([view_id, view_id]) == {view_id: mine}
    with pytest.raises(UnknownViewError, match="2 views not kept") as unknown:
        store.get(["nonsense", view_id, ""])
    assert unknown.value.view_ids == ("nonsense", "")


def test_a_client_s_own_oldest_view_goes_first():
    store = ViewStore(ViewLimits(per_client=2, views=3))
    others = store.put(view(), "berta")
    ids = [store.put(view(), "anna") for _ in range(4)]
    assert kept(store, [others, *ids]) == [True, False, False, True, True]


def test_what_was_asked_about_lately_stays():
    store = ViewStore(ViewLimits(per_client=2, views=2))
    first, second = (store.put(view(), "anna") for _ in range(2))
    store.get([first])
    third = store.put(view(), "anna")
    assert kept(store, [first, second, third]) == [True, False, True]


def test_many_clients_together_are_bounded_in_number_and_in_bytes():
    store = ViewStore(ViewLimits(per_client=5, views=5))
    ids = [store.put(view(), f"client {n}") for n in range(20)]
    assert len(store) == 5 and kept(store, ids)[-5:] == [True] * 5
    store = ViewStore(ViewLimits(total_bytes=3 * VIEW_BYTES))
    ids = [store.put(view(), f"client {n}") for n in range(20)]
    assert len(store) == 3 and kept(store, ids)[-3:] == [True] * 3


def test_dropped_views_leave_their_room():
    store = ViewStore(ViewLimits(total_bytes=2 * VIEW_BYTES))
    first, second = (store.put(view(), "anna") for _ in range(2))
    store.drop([first, "nonsense"])
    third = store.put(view(), "anna")
    assert kept(store, [first, second, third]) == [False, True, True]


def test_limits_that_keep_nothing_are_refused():
    with pytest.raises(RoboticsError, match="1 or more views"):
        ViewLimits(per_client=0)
