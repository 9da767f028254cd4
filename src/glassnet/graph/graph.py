"""The values behind a result, in the order in which they were computed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import GradientError
from ..tensor import Tensor, in_notebook
from .node import SMALL, Input, Node, Remnant


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One value of a graph: a leaf, a constant, or the result of an operation."""

    index: int
    name: str
    source: Input
    node: Node | None
    inputs: tuple[int, ...]  # indices of the values it was computed from

    @property
    def kind(self) -> str:
        """`operation`, `leaf` (a tensor made by hand) or `constant` (a number, or no gradient)."""
        if self.node is not None:
            return "operation"
        if isinstance(self.source, Number):
            return "constant"
        return "leaf" if self.source.requires_grad or self.name else "constant"

    @property
    def symbol(self) -> str:
        return "" if self.node is None else self.node.operation.symbol

    @property
    def shape(self) -> tuple[int, ...]:
        return self.source.shape if isinstance(self.source, Tensor | Remnant) else ()

    @property
    def dtype(self) -> str:
        known = isinstance(self.source, Tensor | Remnant)
        return str(self.source.dtype) if known else type(self.source).__name__  # type: ignore[union-attr]

    @property
    def array(self) -> np.ndarray[Any, Any] | None:
        """The numbers, or None where they were freed or never computed."""
        if isinstance(self.source, Tensor):
            return None if self.source.is_symbolic else self.source.array
        return self.source.array if isinstance(self.source, Remnant) else np.array(self.source)

    @property
    def gradient(self) -> np.ndarray[Any, Any] | None:
        """The gradient that `backward` left here, or None."""
        grad = self.source.grad if isinstance(self.source, Tensor | Remnant) else None
        return None if grad is None or grad.is_symbolic else grad.array


class Graph:
    """The computational graph of one or several results.

    Args:
        outputs: the tensors whose history is shown.

    >>> import glassnet as gn
    >>> a = gn.tensor(3.0, name="a", requires_grad=True)
    >>> loss = a * a
    >>> loss.backward()
    >>> print(gn.Graph(loss))
    graph of 2 values, 1 operation
    #  value  computed as     shape  number  gradient
    0  a      leaf            ()     3       6
    1         multiply(a, a)  ()     9       1
    """

    def __init__(self, *outputs: Tensor) -> None:
        self.values: list[Value] = []
        self._index: dict[int, int] = {}
        for output in outputs:
            self._add(output)
        rows = (v.index for v in self.values if not isinstance(v.source, Number))
        self._row = {index: row for row, index in enumerate(rows)}
        self.outputs = [self._index[id(output.node or output)] for output in outputs]

    def _add(self, output: Tensor) -> None:
        """Depth first and without recursion: inputs stand before the value made of them."""
        pending: list[tuple[Input, bool]] = [(output, False)]
        while pending:
            source, ready = pending.pop()
            node = None if isinstance(source, Number) else source.node
            key = id(node or source)
            if key in self._index and not isinstance(source, Number):
                continue
            inputs = node.inputs if node else ()
            if not ready and inputs:
                pending.append((source, True))
                pending.extend((x, False) for x in reversed(inputs) if not isinstance(x, Number))
                continue
            self._append(source, node, inputs)

    def _append(self, source: Input, node: Node | None, inputs: Iterable[Input]) -> int:
        indices = tuple(
            self._append(x, None, ()) if isinstance(x, Number) else self._index[id(x.node or x)]
            for x in inputs
        )
        index = len(self.values)
        name = f"{source:g}" if isinstance(source, Number) else source.name
        self.values.append(Value(index, name, source, node, indices))
        if not isinstance(source, Number):
            self._index[id(node or source)] = index
        return index

    def __len__(self) -> int:
        return len(self.values)

    @property
    def operations(self) -> list[Value]:
        """The values that an operation computed, in order."""
        return [value for value in self.values if value.node is not None]

    def check(self) -> None:
        """Raises GradientError unless every input stands before its user."""
        for value in self.values:
            if any(i >= value.index for i in value.inputs):
                raise GradientError(
                    "the graph is not in order: a value is used before it is computed",
                    where=self.label(value),
                )

    def label(self, value: Value) -> str:
        """What a value is called: its name, or its row in the text."""
        return value.name or f"#{self._row[value.index]}"

    def formula(self, value: Value) -> str:
        """How a value was computed: `multiply(a, #3)`, `leaf`, `constant`."""
        if value.node is None:
            return value.kind
        words = [self.label(self.values[i]) for i in value.inputs]
        words += [f"{key}={setting}" for key, setting in value.node.settings.items()]
        return f"{value.node.operation.name}({', '.join(words)})"

    def __str__(self) -> str:
        rows = [["#", "value", "computed as", "shape", "number", "gradient"]]
        for value in self.values:
            if not isinstance(value.source, Number):
                shape = str(value.shape)
                numbers = (describe(value.array), describe(value.gradient))
                row = [
                    str(self._row[value.index]),
                    value.name,
                    self.formula(value),
                    shape,
                    *numbers,
                ]
                rows.append(row)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        count = len(self.operations)
        head = f"graph of {len(rows) - 1} values, {count} operation{'s' * (count != 1)}"
        return "\n".join([head, *lines])

    def _repr_html_(self) -> str | None:
        return in_notebook(self)

    def json(self, *, indent: int | None = None) -> str:
        """The graph as JSON: `values` in order, each with its inputs' indices, and `outputs`."""
        values = [
            {
                "index": value.index,
                "kind": value.kind,
                "name": value.name,
                "operation": value.node.operation.name if value.node else None,
                "symbol": value.symbol,
                "settings": _plain(dict(value.node.settings)) if value.node else {},
                "inputs": list(value.inputs),
                "shape": list(value.shape),
                "dtype": value.dtype,
                "value": _numbers(value.array),
                "gradient": _numbers(value.gradient),
                "layer": value.node.layer if value.node else "",
                "line": value.node.line if value.node else "",
            }
            for value in self.values
        ]
        return json.dumps(
            {"format": "glassnet-graph-1", "outputs": self.outputs, "values": values},
            indent=indent,
            allow_nan=False,
            ensure_ascii=False,
        )


Number = bool | int | float


def describe(array: np.ndarray[Any, Any] | None) -> str:
    """Numbers in a few characters: one number, or the range of many; empty when unknown."""
    if array is None or array.size == 0:
        return ""
    if array.size == 1:
        return f"{array.item():.6g}"
    return f"{array.min():.4g} … {array.max():.4g}"


def _numbers(array: np.ndarray[Any, Any] | None) -> Any:
    """JSON's form: a number or nested lists when small, else the range; NaN and Inf as text."""
    if array is None:
        return None
    if array.size > SMALL:
        return {"low": _plain(array.min().item()), "high": _plain(array.max().item())}
    return _plain(array.tolist())


def _plain(value: Any) -> Any:
    """A value made of what JSON knows."""
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
