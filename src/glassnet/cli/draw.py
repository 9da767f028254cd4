"""`glassnet draw`: the computational graph of an expression, with every value and gradient."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

RESULT = "L"  # what the result is called

if TYPE_CHECKING:
    from ..expression import Expression
    from ..graph import Graph
    from ..tensor import Tensor


def draw(
    expression: Annotated[
        str,
        typer.Argument(
            metavar="EXPR",
            help="The formula, in quotes: numbers, names, + - * / **, brackets, pi, e, and "
            "functions such as exp, log, tanh, relu, max.",
            show_default=False,
        ),
    ],
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME=VALUE…", help="A value for each name.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE",
            help="Write a picture (.svg, .png, .html) or the graph as data (.json) instead.",
            show_default=False,
        ),
    ] = None,
) -> None:  # fmt: skip
    """Show how an expression is computed, and how its gradient flows back.

    Without **--out** it prints a line for each value: how it was computed, the number, and
    the gradient of the result by it. The expression is parsed, never run as Python.

    **Examples**

        glassnet draw "((a+b)*w-t)**2 + w**2" a=1 b=2 w=2 t=4

        glassnet draw "sigmoid(w*x + b)" w=2 x=-1 b=0.5 --out neuron.svg
    """
    from ..expression import parse
    from ..graph import Graph

    formula = parse(expression)
    result = _compute(formula, values or [])
    if out is not None:
        _write(out, Graph(result), formula.text)
        return
    print(f"{formula.text} = {result.item():.10g}")
    if formula.names:
        print(f"\n{Graph(result)}")


def _compute(formula: Expression, values: list[str]) -> Tensor:
    """The result, with gradients left at every value behind it."""
    from ..tensor import float64, tensor

    given = {
        name: tensor(value, dtype=float64, name=name, requires_grad=True)
        for name, value in map(_named, values)
    }
    result = formula(**given)
    if result.node is not None:
        result.name = RESULT if RESULT not in given else ""
    if result.requires_grad:
        result.backward()
    return result


def _named(text: str) -> tuple[str, float]:
    """`a=2` or `a=pi/2` as a name and a number."""
    from ..errors import ArgumentError
    from ..expression import parse

    name, sign, value = text.partition("=")
    if not sign or not name.strip().isidentifier():
        raise ArgumentError(
            "a value is given by name", expected="NAME=VALUE, such as a=1", received=text
        )
    number = parse(value)
    if number.names:
        raise ArgumentError(
            f"the value of {name.strip()} is not a number",
            expected=f"{name.strip()}=2, or with constants {name.strip()}=pi/2",
            received=text,
        )
    return name.strip(), float(number().item())


def _write(out: Path, graph: Graph, title: str) -> None:
    from .. import view
    from ..files import write_atomically
    from .console import say

    if out.suffix.lower() == ".json":
        write_atomically(out, (graph.json(indent=1) + "\n").encode())
    else:
        view.graph(graph, title=f"{title}. {view.describe(graph)}").save(out)
    say("written", str(out))
