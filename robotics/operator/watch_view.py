"""Draws a robot's snapshot for a terminal: it fits 80 x 24, and uses more where there is more."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from robotics.embodiment import Embodiment
from robotics.operator.robot_watch import RobotSnapshot, StageRow
from robotics.session import EventKind, RobotMode

_MODE_STYLES = {
    RobotMode.HOLDING: "bold cyan",
    RobotMode.EXECUTING: "bold green",
    RobotMode.STOPPING: "bold yellow",
    RobotMode.PROTECTIVE_STOP: "bold white on red",
    RobotMode.EMERGENCY_STOP: "bold white on red",
}
_EVENT_STYLES = {EventKind.FAULT: "red", EventKind.STOP: "red", EventKind.GUARD: "yellow"}
_WORRYING_SILENCE_S = 0.5
_STAGES_WIDTH = 40
_VALUE_WIDTH = 6
_WIDEST_BAR = 60
_HEADER_LINES = 4
_FEWEST_EVENTS = 3
_NEAR_LIMIT = 0.02
"""Of a joint's range."""


def draw(
    snapshot: RobotSnapshot,
    robot: str,
    embodiment: Embodiment,
    width: int,
    height: int | None = None,
    ascii_only: bool = False,
) -> Group:
    """The whole view.

    Args:
        robot: What the user calls it, such as its address.
        width: Columns of the terminal.
        height: Lines of the terminal, all of which may be used; None for as few as are needed.
        ascii_only: The terminal shows no other characters.
    """
    stages = _stages(snapshot)
    joints = _joints(snapshot, embodiment, width - _STAGES_WIDTH - 2, ascii_only)
    body = Table.grid(padding=(0, 2, 0, 0))
    body.add_column(width=_STAGES_WIDTH)
    body.add_column(no_wrap=True)
    body.add_row(stages, joints)
    used = _HEADER_LINES + max(len(stages.rows), len(joints.rows))
    room = _FEWEST_EVENTS if height is None else max(0, height - used)
    header = _header(snapshot, robot, embodiment)
    return Group(*(_cut(line, width) for line in header), body, *_events(snapshot, room, width))


def _header(snapshot: RobotSnapshot, robot: str, embodiment: Embodiment) -> list[Text]:
    state = snapshot.state
    name = Text.assemble(
        (embodiment.name, "bold"),
        f" at {robot}  ",
        (state.mode.value.upper().replace("_", " "), _MODE_STYLES[state.mode]),
    )
    if snapshot.silent_s > _WORRYING_SILENCE_S:
        name.append(f"  silent for {snapshot.silent_s:.1f} s", "bold red")
    name.append("  leader ", "dim").append(printable(snapshot.leader) or "nobody")
    instruction = Text.assemble(("instruction ", "dim"), printable(state.instruction) or "none")
    control = Text.assemble(
        ("control ", "dim"),
        _warn(
            f"{snapshot.control_rate_hz:.1f}", snapshot.control_rate_hz < 0.98 * embodiment.control_rate_hz
        ),
        f" of {embodiment.control_rate_hz} Hz  ",
        ("missed ", "dim"),
        _warn(f"{state.missed_deadlines}", state.missed_deadlines > 0),
        ("  starved ", "dim"),
        _warn(f"{state.starvations}", state.starvations > 0),
        ("  plan ", "dim"),
        f"{state.plan_steps} steps",
    )
    if state.task is not None:
        task = state.task
        stage = "success" if task.success else printable(task.stage)
        control.append("  task ", "dim").append(
            f"{task.progress:.2f} {stage}", "green" if task.success else ""
        )
    guard = Text.assemble(("guard ", "dim"))
    for row in snapshot.guard:
        if row.kind == "refused":  # by status in the rows that follow
            continue
        guard.append(f"{row.kind} {row.count} ")
        guard.append(f"({row.rate_hz:.1f}/s)  ", "yellow" if row.rate_hz else "dim")
    if not snapshot.guard:
        guard.append("has not intervened")
    return [name, instruction, control, guard]


def _warn(text: str, bad: bool) -> tuple[str, str]:
    return text, "bold yellow" if bad else ""


def _cut(line: Text, width: int) -> Text:
    line.truncate(width, overflow="ellipsis")
    line.no_wrap = True
    return line


def printable(text: str) -> str:
    """Names and events come from elsewhere: what would steer the terminal becomes a blank."""
    return "".join(character if character.isprintable() else " " for character in text)


def _stages(snapshot: RobotSnapshot) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), show_header=False, pad_edge=False)
    table.add_column(width=11, no_wrap=True)
    table.add_column(width=4, justify="right", no_wrap=True)
    for _ in range(4):
        table.add_column(width=5, justify="right", no_wrap=True)
    titles = ("/s", "p50", "p95", "p99", "max")
    table.add_row("stage [ms]", *titles, style="dim")
    for row in snapshot.stages:
        table.add_row(*_stage_cells(row))
    if not snapshot.stages:
        table.add_row("waiting ...")
    if snapshot.cameras:
        table.add_row("camera [ms]", *titles, style="dim")
        for row in snapshot.cameras:
            table.add_row(*_stage_cells(row))
    return table


def _stage_cells(row: StageRow) -> tuple[Text, ...]:
    latency = row.latency
    rate = f"{row.rate_hz:.1f}" if row.rate_hz < 99.95 else f"{row.rate_hz:.0f}"
    numbers = (latency.p50_ms, latency.p95_ms, latency.p99_ms, latency.max_ms)
    # Text, because names are not to be read as markup
    return tuple(map(Text, (printable(row.name), rate, *map(_milliseconds, numbers))))


def _milliseconds(value: float) -> str:
    """At most five characters."""
    for decimals, limit in ((3, 0.9995), (2, 99.995), (1, 999.95)):
        if value < limit:
            return f"{value:.{decimals}f}"
    return f"{value:.0f}"


def _joints(snapshot: RobotSnapshot, embodiment: Embodiment, width: int, ascii_only: bool) -> Table:
    names = embodiment.action_names
    name_width = min(max(map(len, names)), width // 2)
    bar_width = max(1, min(width - name_width - _VALUE_WIDTH - 2, _WIDEST_BAR))
    table = Table(box=None, padding=(0, 1, 0, 0), show_header=False, pad_edge=False)
    table.add_column(width=name_width, no_wrap=True)
    table.add_column(width=_VALUE_WIDTH, justify="right", no_wrap=True)
    table.add_column(width=bar_width, no_wrap=True)
    marks = "-o|" if ascii_only else "─●│"
    table.add_row("joint", "rad", f"{marks[1]} now {marks[2]} target", style="dim")
    lower, upper = embodiment.position_lower, embodiment.position_upper
    positions, targets = snapshot.state.joints.position, snapshot.state.applied
    for index, name in enumerate(names):
        reach = upper[index] - lower[index]
        at = (positions[index] - lower[index]) / reach
        target = (targets[index] - lower[index]) / reach
        near = not _NEAR_LIMIT < at < 1 - _NEAR_LIMIT and index not in embodiment.gripper_indices.values()
        style = "yellow" if near else ""
        value = Text(f"{round(positions[index], 3) + 0.0:.3f}", style)  # no "-0.000"
        table.add_row(Text(name), value, _bar(at, target, bar_width, marks, style))
    return table


def _bar(at: float, target: float, width: int, marks: str, style: str) -> Text:
    """A joint's range: where it is, and where it is told to be, as shares of the range."""
    track, position, wanted = marks
    cells = [(track, "dim")] * width
    for share, mark, mark_style in ((target, wanted, "cyan"), (at, position, style or "bold green")):
        cells[min(width - 1, max(0, int(share * width)))] = (mark, mark_style)
    return Text.assemble(*cells)


def _events(snapshot: RobotSnapshot, room: int, width: int) -> list[Text]:
    now_ns = snapshot.state.joints.time_ns
    lines = []
    for event in snapshot.events[:room]:
        age_s = max(0.0, (now_ns - event.time_ns) * 1e-9)
        line = Text.assemble(
            (f"{age_s:6.1f} s ago  ", "dim"),
            (f"{event.kind.value:<11} ", _EVENT_STYLES.get(event.kind, "")),
            printable(event.text),
        )
        lines.append(_cut(line, width))
    return lines
