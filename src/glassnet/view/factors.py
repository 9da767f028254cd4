"""What passes an arrow of a graph on the way back: the local derivative, and the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import GradientError
from ..graph import Graph, no_grad
from ..graph.graph import Value
from ..tensor import Tensor
from .layout import Edge
from .numbers import number

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """One step of backpropagation: a value that knows its gradient passes it to its inputs.

    Attributes:
        value: its index.
        gradient: ∂L/∂value, complete.
        shares: for the index of each input what it receives; a value used twice receives the sum.
    """

    value: int
    gradient: Array
    shares: dict[int, Array]


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
    return {
        (source, value.index): f"× {number(float(share.item()), 3)}"
        for value in graph.operations
        if value.array is not None
        for source, share in shares(graph, value, np.ones((), value.array.dtype)).items()
    }


def passes(graph: Graph) -> list[Pass]:
    """Backpropagation from the result to the leaves, step by step.

    Raises:
        GradientError: the result is no single number that depends on anything, or the numbers that
            the rules need were freed.

    >>> import glassnet as gn
    >>> from glassnet.view.factors import passes
    >>> w = gn.tensor(3.0, requires_grad=True)
    >>> (step,) = passes(gn.Graph(w * w))
    >>> step.value, step.gradient.item(), step.shares[0].item()
    (1, 1.0, 6.0)
    """
    result = graph.values[graph.outputs[0]]
    if len(graph.outputs) != 1 or result.array is None or result.array.size != 1 or not result.node:
        raise GradientError(
            "backpropagation starts from a single number that was computed",
            expected="one result of shape (), with its graph",
            received=f"{len(graph.outputs)} result(s), the first of shape {result.shape}",
        )
    gradients: dict[int, Array] = {result.index: np.ones_like(result.array)}
    found = []
    for value in reversed(graph.operations):
        gradient = gradients.get(value.index)
        if gradient is None:
            continue
        passed = shares(graph, value, gradient)
        for source, share in passed.items():
            gradients[source] = gradients[source] + share if source in gradients else share
        found.append(Pass(value.index, gradient, passed))
    return found


def shares(graph: Graph, value: Value, gradient: Array) -> dict[int, Array]:
    """What each input of a value receives of its gradient, by the operation's own rule."""
    inputs = [graph.values[i] for i in value.inputs]
    operands = [_operand(x) for x in inputs]
    node, out = value.node, value.array
    if node is None or out is None or any(x is None for x in operands):
        raise GradientError(
            "the numbers behind this graph are gone: backward() freed them",
            where=value.name or (node.operation.name if node else ""),
            mend="draw it before backward(), or call backward(retain_graph=True)",
        )
    with no_grad(), np.errstate(all="ignore"):
        passed = node.operation.backward(Tensor(gradient), Tensor(out), *operands, **node.settings)
    totals: dict[int, Array] = {}
    for source, share in zip(inputs, passed, strict=True):
        if share is not None and getattr(source.source, "requires_grad", False):
            totals[source.index] = totals.get(source.index, 0.0) + share.array
    return totals


def _operand(value: Value) -> Any:
    """The number itself, a tensor around the array, or None where the array is gone."""
    if isinstance(value.source, bool | int | float):
        return value.source
    array = value.array
    if array is None:
        return None
    return Tensor(array, requires_grad=bool(getattr(value.source, "requires_grad", False)))
