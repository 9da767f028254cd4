"""`glassnet draw`: the computational graph of an expression, or of a trained network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

RESULT = "L"  # what the result is called

if TYPE_CHECKING:
    from ..expression import Expression
    from ..graph import Graph, Shaped
    from ..nn import Module
    from ..tensor import Tensor
    from ..view import Picture


def draw(
    expression: Annotated[
        str,
        typer.Argument(
            metavar="EXPR|RUN",
            help="The formula, in quotes: numbers, names, + - * / **, brackets, pi, e, and "
            "functions such as exp, log, tanh, relu, max. Or a run folder, or a model file.",
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
            help="Write a picture (.svg, .png, .html) or the graph for other programs (.json, "
            "GraphViz .dot, Mermaid .mmd) instead.",
            show_default=False,
        ),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth", metavar="LEVELS",
            help="How deep a network's layers are unfolded: 1 draws the outermost ones.",
            show_default=False,
        ),
    ] = None,
    direction: Annotated[
        str, typer.Option(metavar="WAY", help="Where a picture's arrows run: right or down.")
    ] = "right",
) -> None:  # fmt: skip
    """Show how an expression is computed, and how its gradient flows back; or a network's layers.

    Without **--out** it prints a line for each value: how it was computed, the number, and
    the gradient of the result by it; of a network a line for each layer. The expression is parsed,
    never run as Python. On the page of a network (.html) a layer unfolds where it is pressed.

    **Examples**

        glassnet draw "((a+b)*w-t)**2 + w**2" a=1 b=2 w=2 t=4

        glassnet draw "sigmoid(w*x + b)" w=2 x=-1 b=0.5 --out neuron.svg

        glassnet draw runs/digits --out network.html
    """
    if _is_place(expression):
        _draw_network(Path(expression), values or [], out, depth, direction)
        return
    from ..expression import parse
    from ..graph import Graph

    formula = parse(expression)
    result = _compute(formula, values or [])
    if out is not None:
        history = Graph(result)
        _write(out, history, f"{formula.text}. ", depth, direction)
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


def _is_place(text: str) -> bool:
    """Whether a network is meant: a file or folder, but not a variable that is called like one."""
    from ..files.model_file import NAME

    path = Path(text)
    return (path / NAME).exists() if text.isidentifier() else path.exists()


def _draw_network(
    path: Path, values: list[str], out: Path | None, depth: int | None, direction: str
) -> None:
    """The layers of a saved network as text, or its graph as a picture."""
    from ..errors import ArgumentError
    from ..graph import trace

    if values:
        raise ArgumentError("a network is drawn without values", received=" ".join(values))
    model, inputs = _network(path)
    if out is None:
        print(model.summary(inputs.shape[1:], dtype=inputs.dtype))
    elif out.suffix.lower() == ".json":
        _write(out, trace(model, inputs), "", depth, direction)
    else:
        from .. import view

        _save(view.graph(model, inputs, depth=depth, direction=direction), out)


def _network(path: Path) -> tuple[Module, Shaped]:
    """A saved network, and a row for it to compute."""
    from ..errors import DataError, FileFormatError
    from ..files import load, load_predictor
    from ..graph import Shaped
    from ..nn.summary import first_shape

    try:
        predictor = load_predictor(path)
    except FileFormatError:
        model = load(path)  # a network alone; or what is wrong with the file
        shape = first_shape(model)
        if shape is None:
            raise DataError(
                f"{path} does not say what this network takes",
                expected="a file saved from a run, or a network that begins with a linear layer",
                received=f"{type(model).__name__} saved by itself",
                mend="save the run: run.save(folder)",
            ) from None
        return model, Shaped((1, *shape), model.dtype)
    kind = predictor.model.dtype if predictor.vocabulary is None else "int64"
    return predictor.model, Shaped((1, *predictor.input_shape), kind)


def _write(out: Path, graph: Graph, title: str, depth: int | None, direction: str) -> None:
    from .. import view
    from ..files import write_atomically
    from .console import say

    if out.suffix.lower() == ".json":
        write_atomically(out, (graph.json(indent=1) + "\n").encode())
        say("written", str(out))
    else:
        title = title and title + view.describe(graph)
        _save(view.graph(graph, depth=depth, direction=direction, title=title), out)


def _save(picture: Picture, out: Path) -> None:
    from .console import say

    picture.save(out)
    say("written", str(out))
