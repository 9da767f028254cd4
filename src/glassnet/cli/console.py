"""How commands speak: facts in two columns, tables, errors; colours where a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..errors import GlassnetError

if TYPE_CHECKING:
    from rich.console import Console

LABEL = 10  # characters of the first column


def console(*, stderr: bool = False) -> Console:
    """Standard output, or standard error, as rich writes to it."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def say(label: str, text: str) -> None:
    """A fact: what it is about, and what it says."""
    from rich.markup import escape

    console().print(f"[dim]{label:<{LABEL}}[/dim] {escape(text)}")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> None:
    """Rows in columns; the first `left` columns of words, the others of numbers."""
    lines = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    speaker = console()
    for number, line in enumerate(lines):
        cells = [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        speaker.print("  ".join(cells).rstrip(), style="dim" if number == 0 else "", markup=False)


def say_error(error: GlassnetError) -> None:
    """An error on standard error: what happened, then the answers, a line each."""
    error.line = ""  # a line of this program says nothing to who typed the command
    what, *answers = str(error).split("\n")
    speaker = console(stderr=True)
    speaker.print("[bold red]error:[/bold red]", end=" ")
    speaker.print(what, style="bold", markup=False)
    for line in answers:
        speaker.print(line, markup=False)


def say_warning(text: str) -> None:
    """A warning on standard error."""
    speaker = console(stderr=True)
    speaker.print("[bold yellow]warning:[/bold yellow]", end=" ")
    speaker.print(text, markup=False)
