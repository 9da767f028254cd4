"""What a notebook shows for tensors, modules, graphs, histories and runs.

Plain elements that take their colours from the page around them, so that they are right on light
and on dark ground; pictures stand in elements of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import singledispatch
from html import escape
from typing import Any

import numpy as np

from ..errors import GlassnetError, MissingDependencyError
from ..graph import Graph
from ..nn import Module
from ..nn.parameter import Parameter
from ..nn.summary import first_shape, rows, totals
from ..tensor import Tensor
from ..train import History, Run
from .curves import curves
from .graph import graph
from .numbers import in_short, number, shape_text
from .picture import Picture

LIMIT = 400  # values: a larger graph is drawn only when asked for
SIDE = 8  # rows and columns of a table of numbers
EPOCHS = 8  # rows of a history
_TABLE = ' style="border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.3em 0"'
_CELL = "padding:.15em .7em;border-bottom:1px solid rgba(128,128,128,.35)"
_FAINT = ' style="opacity:.75"'


@singledispatch
def notebook(_thing: Any) -> str | None:
    """A piece of HTML that shows a thing; None for what is shown as text."""
    return None


@notebook.register
def _tensor(tensor: Tensor) -> str:
    title = tensor.name or type(tensor).__name__
    kind = f"{shape_text(tensor.shape)} {tensor.dtype}".strip()
    if tensor.is_symbolic or (isinstance(tensor, Parameter) and not tensor.drawn):
        return _headed(title, f"{kind}, no numbers yet")
    array = tensor.numpy()
    parts = [_headed(title, ", ".join([kind, *_in_words(array, tensor)])), _numbers(array)]
    if tensor.node is not None:
        shown = Graph(tensor)
        if len(shown) <= LIMIT:
            parts.append(_picture(lambda: graph(shown)))
    return "".join(parts)


@notebook.register
def _module(module: Module) -> str:
    shape = first_shape(module)
    try:
        found = rows(module, shape)
    except GlassnetError:  # its layers do not fit together, which calling it will say
        found = rows(module, None)
    lines, levels = [], {"": 0}
    for path, kind, output, count in found:
        around = max((p for p in levels if path.startswith(f"{p}." if p else "")), key=len)
        levels[path] = levels[around] + bool(path)
        name = f"<b>{escape(path.removeprefix(around).lstrip('.'))}</b> " if path else ""
        indent = f"padding-left:{0.7 + 1.2 * levels[path]:.1f}em"
        lines.append(_row([name + escape(kind), escape(output), f"{count:,}"], first=indent))
    head = _row(["layer", "output shape", "parameters"], "th")
    return (
        f"<table{_TABLE}>{head}{''.join(lines)}</table><div{_FAINT}>{escape(totals(module))}</div>"
    )


@notebook.register
def _graph(shown: Graph) -> str:
    count = len(shown.operations)
    title = f"{len(shown)} values, {count} operation{'s' * (count != 1)}"
    large = f"{title}; view.graph(…) draws it"
    if len(shown) > LIMIT:
        return _headed("Graph", large)
    return _picture(lambda: graph(shown)) or f"<pre>{escape(str(shown))}</pre>"


@notebook.register
def _history(history: History) -> str:
    if not len(history):
        return _headed("History", "no epoch yet")
    columns = history.columns
    shown = [
        _row([_cell(name, row[name]) for name in columns])
        for row in (history.rows if len(history) <= EPOCHS else history.rows[1 - EPOCHS :])
    ]
    if len(history) > EPOCHS:
        first = _row([_cell(name, history.rows[0][name]) for name in columns])
        shown = [first, _row(["⋮"] * len(columns)), *shown]
    head = _row([escape(name.replace("_", " ")) for name in columns], "th")
    picture = _picture(lambda: curves(history)) if "loss" in columns and len(history) > 1 else ""
    return (
        f"{picture}<div style='overflow-x:auto'><table{_TABLE}>{head}{''.join(shown)}</table></div>"
    )


@notebook.register
def _run(run: Run) -> str:
    return _headed("Run", repr(run).removeprefix("Run(").removesuffix(")")) + _history(run.history)


def _headed(title: str, words: str) -> str:
    return f"<div><b>{escape(title)}</b> <span{_FAINT}>{escape(words)}</span></div>"


def _in_words(array: np.ndarray[Any, Any], tensor: Tensor) -> Iterable[str]:
    if array.size == 1:
        yield number(array.item())
    else:
        finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
        if finite.size:
            yield f"{number(finite.min().item())} … {number(finite.max().item())}"
        if finite.size < array.size:
            yield f"{array.size - finite.size} of {array.size} not finite"
    if tensor.requires_grad:
        yield "requires a gradient"
    if tensor.grad is not None and not tensor.grad.is_symbolic and tensor.grad.size:
        yield f"gradient {in_short(tensor.grad.numpy())}"


def _numbers(array: np.ndarray[Any, Any]) -> str:
    """The numbers as a table: of more than two axes the first of the others."""
    plane = array.reshape((1,) * (2 - array.ndim) + array.shape)
    above = f"<div{_FAINT}>[{'0, ' * (plane.ndim - 2)}:, :]</div>" if plane.ndim > 2 else ""
    if plane.size < 2:
        return ""
    while plane.ndim > 2:
        plane = plane[0]
    lines = []
    for place in _places(len(plane)):
        cells = [
            "⋯" if column is None else "⋮" if place is None else number(plane[place, column].item())
            for column in _places(plane.shape[1])
        ]
        lines.append(_row([escape(cell) for cell in cells]))
    return above + _table(lines)


def _places(size: int) -> list[int | None]:
    """The first and the last of so many, with a gap where there are too many."""
    if size <= SIDE:
        return list(range(size))
    half = SIDE // 2
    return [*range(half), None, *range(size - half, size)]


def _cell(name: str, value: float) -> str:
    return f"{value:.0f}" if name == "epoch" else escape(number(value))


def _table(lines: Iterable[str]) -> str:
    return f"<table{_TABLE}>{''.join(lines)}</table>"


def _row(cells: Sequence[str], kind: str = "td", first: str = "") -> str:
    """A row of a table; its cells are HTML, the first one on the left where it is indented."""
    text = "".join(
        f'<{kind} style="{_CELL};text-align:{"left" if place == 0 else "right"}'
        f'{";" + first if first and place == 0 else ""}">{cell}</{kind}>'
        for place, cell in enumerate(cells)
    )
    return f"<tr>{text}</tr>"


def _picture(make: Callable[[], Picture]) -> str:
    """A picture, or nothing where its library is not installed."""
    try:
        return f"<div>{make().image()}</div>"
    except MissingDependencyError:
        return ""
