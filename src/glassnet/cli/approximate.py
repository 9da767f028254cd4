"""`glassnet approximate`: how near networks of growing width come to a function."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import say, table
from .numbers import whole_numbers


def approximate(
    expression: Annotated[
        str,
        typer.Argument(
            metavar="EXPR", show_default=False,
            help="The formula, in quotes, of one to three variables: the axes in order.",
        ),
    ],
    width: Annotated[
        str, typer.Option(metavar="WIDTHS", help="Hidden units of each network.")
    ] = "2,4,8,16",
    low: Annotated[float, typer.Option(metavar="X", help="Where each axis begins.")] = 0.0,
    high: Annotated[float, typer.Option(metavar="X", help="Where it ends.")] = 1.0,
    steps: Annotated[int, typer.Option(metavar="N", help="Of the optimiser, each try.")] = 4000,
    tries: Annotated[int, typer.Option(metavar="N", help="Starts; the best goes on.")] = 3,
    seed: Annotated[int, typer.Option(metavar="N", help="Same seed, same numbers.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", show_default=False,
            help="Write a picture: .svg, .png or .html.",
        ),
    ] = None,
    units: Annotated[
        Path | None,
        typer.Option(
            "--units", metavar="FILE", show_default=False,
            help="Write a picture of the single units that add up to the function.",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Approximate a function by networks of growing width, and measure the largest error.

    Each network has one layer of sigmoid units and a linear output; its error is the largest of
    |network − f| on a fine grid of [low, high], of the square, or of the cube.

    **Examples**

        glassnet approximate "sin(6*x) * exp(-x)" --width 2,4,8,16 --out approximation.svg

        glassnet approximate "sin(6*x) * cos(4*y)" --width 4,16,64
    """
    from ..train import approximate as measure

    widths = whole_numbers(width, "widths of networks", "--width 4,16,64", 1, 100_000)
    found = measure(expression, widths, low=low, high=high, steps=steps, tries=tries, seed=seed)
    first, *_ = str(found).split("\n")
    say("f", first)
    say("networks", "Σ v σ(a·x + b) + c; largest error on a fine grid")
    rows = [
        (
            f"  {one.width}",
            str(sum(p.size for p in one.model.named_parameters().values())),
            f"{one.error:.3g}",
            ", ".join(f"{x:.4g}" for x in one.where),
            f"{one.seconds:.1f} s",
        )
        for one in found.networks
    ]
    table(("  units", "parameters", "sup-error", "at", "time"), rows)
    for path, draw in ((out, "approximation"), (units, "units")):
        if path is not None:
            from .. import view

            getattr(view, draw)(found).save(path)
            say("picture", str(path))
