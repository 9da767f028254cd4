"""`glassnet report`: runs held against each other on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import say


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN…", help="Run folders, up to eight.", show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE", help="Where the page goes."),
    ] = Path("report.html"),
) -> None:  # fmt: skip
    """Compare runs: their results in a table, their curves in one picture each.

    Runs made with **--statistics** are shown inside as well: norms and findings, and of a single
    run its histograms. The page is one file that fetches nothing.

    **Examples**

        glassnet report runs/digits runs/digits-2

        glassnet report runs/* --out all.html
    """
    from ..view import compared_report

    written = compared_report(runs, out)
    say("report", f"{written}, {len(runs)} run{'s' * (len(runs) != 1)}")
