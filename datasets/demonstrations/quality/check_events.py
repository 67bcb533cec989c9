"""What the recording itself says: its end, its judgement, stops, faults and interventions."""

from collections.abc import Iterator

import numpy as np

from demonstrations.episode import Episode
from demonstrations.journal import MODES
from demonstrations.quality.catalogue import found
from demonstrations.quality.findings import Finding
from robotics.session import STOPPED_MODES, Event, EventKind

_BY_EVENT = {
    EventKind.GUARD: ("refused", "plan(s) refused"),
    EventKind.STARVED: ("starved", "time(s) the plan ran out"),
    EventKind.FAULT: ("fault", "fault(s) reported"),
}


def check_events(episode: Episode) -> Iterator[Finding]:
    """truncated, failed, unjudged, stopped, fault, refused, starved, success_lost, intervention."""
    meta = episode.metadata
    if meta.truncated:
        yield found("truncated", "recovered after a crash: its end is missing")
    if meta.success is None:
        yield found("unjudged", "nobody judged whether it succeeded")
    elif not meta.success:
        yield found("failed", f"judged a failure: {meta.outcome or 'no reason given'}")
    for kind, (check, words) in _BY_EVENT.items():
        events = _of(meta.events, kind)
        if kind is EventKind.STARVED:
            events = [event for event in events if event.time_ns < _end_ns(meta.events)]
        if events:
            text = f"{len(events)} {words}, the first: {events[0].text or 'no text'}"
            yield found(check, text, value=len(events), threshold=0)
    yield from _check_stops(episode)
    outcomes = [event.text for event in _of(meta.events, EventKind.OUTCOME)]
    if meta.success and outcomes.count("success") > 1:
        text = f"success was announced {outcomes.count('success')} times: it did not last at first"
        yield found("success_lost", text, value=outcomes.count("success"), threshold=1)
    starts = [e for e in _of(meta.events, EventKind.INTERVENTION) if e.text == "start"]
    if starts:
        yield found(
            "intervention", f"a person took over {len(starts)} time(s)", value=len(starts), threshold=0
        )


def _check_stops(episode: Episode) -> Iterator[Finding]:
    stopped = np.isin(episode.state["mode"], [MODES.index(mode) for mode in STOPPED_MODES])
    stops = [e for e in _of(episode.metadata.events, EventKind.STOP) if e.data.get("state") != "released"]
    if stops or stopped.any():
        reason = stops[0].text if stops else "before the episode began"
        seconds = stopped.sum() / episode.metadata.control_rate_hz
        text = f"stopped for {seconds:.1f} s: {reason or 'no reason given'}"
        yield found("stopped", text, value=float(stopped.sum()), threshold=0)


def _end_ns(events: tuple[Event, ...]) -> float:
    """When the episode was judged: that the plan runs out after it is how runs end."""
    return max((event.time_ns for event in _of(events, EventKind.OUTCOME)), default=float("inf"))


def _of(events: tuple[Event, ...], kind: EventKind) -> list[Event]:
    return [event for event in events if event.kind is kind]
