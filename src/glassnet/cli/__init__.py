"""THE COMMAND LINE: one file a command; `app.py` gathers them, `console.py` is how they speak.

Commands import what computes only when they run, so that help appears at once. A user's mistake
ends with a message and exit code 2, never with a traceback.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs `glassnet` with these arguments, those of the process by default, and exits."""
    from .app import run

    run(arguments)


__all__ = ["main"]
