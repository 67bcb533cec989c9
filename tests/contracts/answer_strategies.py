"""Answers of every kind, for property tests."""

from hypothesis import strategies as st

from robotics.reasoning.answers import (
    Answer,
    Box2D,
    Box3D,
    Correspondence,
    Found,
    Frame,
    Grasp,
    Point,
    Success,
    Trajectory,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)
# Surrogates are no text that a wire could carry.
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
VECTOR = st.tuples(FINITE, FINITE, FINITE)
QUATERNION = st.tuples(FINITE, FINITE, FINITE, FINITE)
FRAME = st.sampled_from(Frame)

POINT = st.builds(Point, FINITE, FINITE, TEXT, FINITE, st.none() | VECTOR, FRAME)
BOX2D = st.builds(Box2D, FINITE, FINITE, FINITE, FINITE, TEXT, FINITE)
BOX3D = st.builds(Box3D, VECTOR, VECTOR, QUATERNION, FRAME, TEXT, FINITE)
GRASP = st.builds(
    Grasp,
    FINITE,
    FINITE,
    FINITE,
    st.none() | VECTOR,
    st.none() | QUATERNION,
    st.none() | FINITE,
    FRAME,
    TEXT,
    FINITE,
)
TRAJECTORY = st.builds(Trajectory, st.lists(POINT, max_size=4).map(tuple), TEXT, FINITE)
MATCH = st.builds(Correspondence, POINT, st.none() | POINT, FINITE)


def found(items: st.SearchStrategy) -> st.SearchStrategy[Found]:
    return st.builds(
        Found, st.lists(items, max_size=3).map(tuple), FINITE, st.lists(TEXT, max_size=3).map(tuple), TEXT
    )


MATCHES = st.lists(MATCH, max_size=3).map(tuple)
SUCCESS = st.builds(Success, st.booleans(), FINITE, TEXT)
WORDS = st.builds(Answer, TEXT, FINITE)
REPLIES = st.one_of(*map(found, (POINT, BOX2D, BOX3D, GRASP, TRAJECTORY)), MATCHES, SUCCESS, WORDS)
