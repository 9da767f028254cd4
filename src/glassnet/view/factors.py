"""The local derivative on each arrow of a graph of single numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, no_grad
from ..graph.graph import Value
from ..tensor import Tensor
from .layout import Edge
from .numbers import number


def factors(graph: Graph) -> dict[Edge, str]:
    """`× 3` for each edge between single numbers that a gradient passes, by (input, user).

    Asked of the operations' own backward rules with an incoming gradient of 1. Works on a freed
    graph too, since it keeps the numbers of small values.

    >>> import glassnet as gn
    >>> from glassnet.view.factors import factors
    >>> w = gn.tensor(3.0, requires_grad=True)
    >>> loss = w * w + 1
    >>> loss.backward()
    >>> factors(gn.Graph(loss))
    {(0, 1): '× 6', (1, 3): '× 1'}
    """
    if any(value.shape != () for value in graph.values):
        return {}
    found: dict[Edge, str] = {}
    for value in graph.operations:
        passed = _passed(graph, value)
        totals: dict[int, float] = {}
        for source, share in zip(value.inputs, passed, strict=True):
            if share is not None:
                totals[source] = totals.get(source, 0.0) + share
        for source, total in totals.items():
            found[source, value.index] = f"× {number(total, 3)}"
    return found


def _passed(graph: Graph, value: Value) -> list[float | None]:
    """∂value/∂input for each input, None where no gradient flows."""
    inputs = [graph.values[i] for i in value.inputs]
    operands = [_operand(x) for x in inputs]
    node, out = value.node, value.array
    if node is None or out is None or any(x is None for x in operands):
        return [None] * len(inputs)
    one = Tensor(np.ones((), out.dtype))
    with no_grad(), np.errstate(all="ignore"):
        passed = node.operation.backward(one, Tensor(out), *operands, **node.settings)
    flows = [getattr(x.source, "requires_grad", False) for x in inputs]
    return [
        float(share.item()) if share is not None and flowing else None
        for share, flowing in zip(passed, flows, strict=True)
    ]


def _operand(value: Value) -> Any:
    """The number itself, a tensor around the array, or None where the array is gone."""
    if isinstance(value.source, bool | int | float):
        return value.source
    array = value.array
    if array is None:
        return None
    return Tensor(array, requires_grad=bool(getattr(value.source, "requires_grad", False)))
