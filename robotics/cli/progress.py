"""Progress bars of the long commands, on stderr so that stdout stays clean."""

from contextlib import contextmanager


@contextmanager
def progress_bar(description: str, total: int, completed: int = 0):
    """A bar; yields `update(completed, text)`."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(stderr=True),
    )
    with progress:
        row = progress.add_task(description, total=total, completed=completed, note="")

        def update(completed: int, note: str = "") -> None:
            progress.update(row, completed=completed, note=note)

        yield update


def wide_console():
    """A console for tables on stdout: in a pipe or a log nothing is cut at 80 columns."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=140)
