"""`glassnet descend`: where a function has its minima, and how a descent gets there."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import say, table

if TYPE_CHECKING:
    from ..autodiff.stationary import StationaryPoint
    from ..expression import Expression
    from ..optim import Optimizer
    from ..optim.descent import Descent
    from ..view import Picture

LARGEST_RATE = 0.1  # when the command names none
SHOWN = 12  # steps of a long path that are printed


Formula = Annotated[
    str,
    typer.Argument(
        metavar="EXPR",
        help="The formula, in quotes, of one or several variables.",
        show_default=False,
    ),
]
Start = Annotated[
    str,
    typer.Option(
        metavar="X",
        help="Where to begin: 2 for one variable; for several -1,1 in the order in which they "
        "appear, or by name x=-1,y=1.",
        show_default=False,
    ),
]
Rate = Annotated[
    float | None,
    typer.Option(
        metavar="RATE",
        help="Learning rate. Left out: half of what is stable at the start, at most 0.1.",
        show_default=False,
    ),
]
Steps = Annotated[int, typer.Option(metavar="N", help="How many steps.")]
Method = Annotated[
    str,
    typer.Option(
        metavar="NAMES",
        help="gradient_descent, sgd, adam, adamw, rmsprop, adagrad, lion; several side by side: "
        "sgd,adam.",
    ),
]
Low = Annotated[
    float | None,
    typer.Option(
        metavar="X", help="Left end of the search for stationary points.", show_default=False
    ),
]
High = Annotated[float | None, typer.Option(metavar="X", help="Its right end.", show_default=False)]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Write a picture: .svg, .png or .html; of two variables the steps to play: .gif.",
        show_default=False,
    ),
]


def descend(
    expression: Formula,
    start: Start,
    lr: Rate = None,
    steps: Steps = 50,
    optimizer: Method = "gradient_descent",
    low: Low = None,
    high: High = None,
    out: Out = None,
) -> None:
    """Follow the gradient of a function downhill, step by step.

    Of one variable, its stationary points are listed first: every x with f'(x) = 0, told minimum,
    maximum or saddle by the exact f''(x). Then comes the path.

    **Examples**

        glassnet descend "x**4 - 3*x**2 + x" --start 2

        glassnet descend "x**2 + 10*y**2" --start -1,1 --lr 0.05 --out path.svg

        glassnet descend "x**2 + 10*y**2" --start -1,1 --optimizer sgd,adam --out paths.gif
    """
    from ..expression import parse
    from ..optim.descent import descend as follow

    formula = parse(expression)
    begin = _start(formula, start)
    point: Any = begin[0] if len(begin) == 1 else begin
    chosen = [_method(formula, point, name.strip(), lr) for name in optimizer.split(",")]
    say("f", f"{formula.text}")
    points = _stationary(formula, begin[0], low, high) if len(begin) == 1 else []
    paths = []
    for name, (method, why) in zip(optimizer.split(","), chosen, strict=True):
        path = follow(formula.at, point, method, steps)
        say("descent", f"{name.strip()}, learning rate {method.rate(0):.4g}{why}, {steps} steps")
        _print_path(path, formula.names)
        paths.append(path)
    if out is not None:
        _picture(paths, points, formula.names, out).save(out)
        say("picture", str(out))


def _picture(
    paths: list[Descent], points: list[StationaryPoint], names: tuple[str, ...], out: Path
) -> Picture:
    from .. import view

    if out.suffix.lower() == ".gif" and len(names) == 2:
        return view.descent_steps(*paths, names=names)
    return view.descent(*paths, stationary=points, names=names)


def _start(formula: Expression, text: str) -> list[float]:
    """A number for each variable of the formula, in their order."""
    from ..errors import ArgumentError

    parts = [part.strip() for part in text.split(",")]
    pairs = [part.partition("=") for part in parts]
    named = all(sign for _, sign, _ in pairs)
    texts = {name.strip(): value for name, _, value in pairs}
    try:
        if named and set(texts) == set(formula.names) and len(pairs) == len(texts):
            return [_finite(texts[name]) for name in formula.names]
        if not any(sign for _, sign, _ in pairs) and len(parts) == len(formula.names):
            return [_finite(part) for part in parts]
    except ValueError:
        pass
    names = formula.names
    if not names:
        raise ArgumentError(
            "this formula has no variable to descend along",
            expected='a formula with names, such as "x**2"',
            received=formula.text,
        )
    example = ",".join(f"{name}=1" for name in names)
    raise ArgumentError(
        "the start does not fit the formula",
        expected=f"a finite number for {', '.join(names)}: --start {example}",
        received=f"--start {text}",
    )


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _method(formula: Expression, point: Any, name: str, lr: float | None) -> tuple[Optimizer, str]:
    """The optimiser, and how its learning rate was chosen if it was not given."""
    import numpy as np

    from .. import optim
    from ..optim.descent import curvature

    kind = optim.get(name)
    if lr is not None:
        return kind(lr=lr), ""
    with np.errstate(all="ignore"):
        bend = curvature(formula.at, point)
    if not math.isfinite(bend) or bend <= 1 / LARGEST_RATE:
        return kind(lr=LARGEST_RATE), ""
    return kind(lr=float(f"{1 / bend:.2g}")), f" (for a curvature of {bend:.3g} at the start)"


def _stationary(
    formula: Expression, start: float, low: float | None, high: float | None
) -> list[StationaryPoint]:
    """The stationary points around the start, printed and returned."""
    from ..autodiff.stationary import stationary_points

    reach = 2 * max(1.0, abs(start))
    left = -reach if low is None else low
    right = reach if high is None else high
    points = stationary_points(formula, left, right)  # of many points at once
    name = formula.names[0]
    span = f"{left:g} ≤ {name} ≤ {right:g}"
    if not points:
        say("stationary", f"no point with f' = 0 in {span}")
        return points
    say("stationary", f"{len(points)} with f' = 0 in {span}")
    rows = [
        (f"  {_kind(point)}", f"{point.x:.10g}", f"{point.value:.10g}", f"{point.curvature:.6g}")
        for point in points
    ]
    table(("  kind", name, "f", "f''"), rows)
    return points


def _kind(point: StationaryPoint) -> str:
    """The kind; where f'' does not decide, what the sides say."""
    if point.kind != "undecided":
        return point.kind
    told = {(-1, 1): "f' goes from − to +: a minimum", (1, -1): "f' goes from + to −: a maximum"}
    return f"undecided by f'' ({told.get(point.sides, 'f is flat here')})"


def _print_path(path: Descent, names: tuple[str, ...]) -> None:
    last = len(path)
    few = range(last + 1) if last < SHOWN else _spread(last)
    points = path.points.reshape(last + 1, -1)
    rows = [
        (
            f"  {step}",
            *(f"{value:.8g}" for value in points[step]),
            f"{path.values[step]:.8g}",
            f"{path.slopes[step]:.3g}",
        )
        for step in few
    ]
    table(("  step", *names, "f", "slope"), rows)


def _spread(last: int) -> list[int]:
    """The first steps and then fewer and fewer, the last one among them.

    >>> _spread(50)
    [0, 1, 2, 3, 4, 6, 9, 12, 17, 25, 35, 50]
    """
    early = list(range(4))
    count = SHOWN - len(early)
    ratio = (last / 3) ** (1 / count)
    later = {round(3 * ratio**k) for k in range(1, count + 1)}
    return sorted({*early, *later} - {0} | {0, last})
