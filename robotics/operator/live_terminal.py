"""Shows a run in the terminal while it goes on."""

from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from robotics.operator.run import RunProgress


class LiveTerminal:
    """A small table, drawn over and over; one line a second where the output is no terminal."""

    def __init__(self, console: Console | None = None):
        self._console = console or Console(stderr=True)
        self._live = Live(console=self._console, auto_refresh=False, transient=False)
        self._next_line_s = 0.0

    def __enter__(self) -> "LiveTerminal":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def show(self, progress: RunProgress) -> None:
        """Draw the newest progress."""
        if self._console.is_terminal:
            self._live.update(progress_table(progress), refresh=True)
        elif progress.elapsed_s >= self._next_line_s:
            self._next_line_s = progress.elapsed_s + 1.0
            self._console.print(progress_line(progress), highlight=False, soft_wrap=True)


def progress_table(progress: RunProgress) -> Table:
    """What the terminal shows."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    table.add_row("task", progress.task or "-")
    table.add_row("instruction", f"[bold]{progress.instruction}[/]")
    table.add_row(
        "elapsed", f"{progress.elapsed_s:5.1f} s of {progress.time_limit_s:g} s    {progress.mode.value}"
    )
    table.add_row("control rate", f"{progress.control_rate_hz:5.1f} Hz")
    table.add_row("chunk latency", _latency(progress))
    table.add_row("missed deadlines", _count(progress.missed_deadlines))
    table.add_row("starvations", _count(progress.starvations))
    table.add_row("guard", f"{progress.guard_interventions}")
    bar = Table.grid(padding=(0, 2))
    bar.add_row(
        ProgressBar(total=1.0, completed=progress.progress, width=30),
        f"{progress.progress:.2f}  {progress.stage}",
    )
    table.add_row("progress", bar)
    return table


def progress_line(progress: RunProgress) -> str:
    """The same in one line, for logs."""
    return (
        f"{progress.elapsed_s:5.1f} s  {progress.control_rate_hz:5.1f} Hz  chunk p50/p95 "
        f"{progress.chunk.p50_ms:.0f}/{progress.chunk.p95_ms:.0f} ms  missed {progress.missed_deadlines}  "
        f"starved {progress.starvations}  progress {progress.progress:.2f}  {progress.stage}"
    )


def _latency(progress: RunProgress) -> str:
    chunk, act = progress.chunk, progress.act
    if not chunk.count:
        return "waiting for the first chunk"
    return (
        f"p50 {chunk.p50_ms:.0f} ms, p95 {chunk.p95_ms:.0f} ms  "
        f"(inference p50 {act.p50_ms:.0f}, p95 {act.p95_ms:.0f}; {chunk.count} chunks)"
    )


def _count(number: int) -> str:
    return "[green]0[/]" if number == 0 else f"[yellow]{number}[/]"
