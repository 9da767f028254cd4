"""Where a NaN or an infinity came from: the first node that made one out of finite numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import NonFiniteError
from ..graph import Graph, Node, Recording, recording
from ..graph.graph import Value, describe
from ..tensor import Tensor
from .backward import LOOK, _quietly, _start
from .loop import flow


def diagnose(output: Tensor, *, where: str = "") -> None:
    """Raises NonFiniteError naming the first node whose value, or else gradient, is not finite.

    Needs a graph that `backward` has not freed. Returns quietly when everything is finite.

    Args:
        output: the loss.
        where: the step or epoch, for the message.

    >>> import glassnet as gn
    >>> x = gn.tensor([1.0, 0.0], name="x", requires_grad=True)
    >>> try:
    ...     gn.diagnose(x.log().sum())
    ... except gn.NonFiniteError as error:
    ...     print(error.what)
    log made -inf, from x in 0 … 1
    """
    graph = Graph(output)
    for value in graph.values:
        if not _finite(value.array):
            _raise_value(graph, value, where)
    if not output.requires_grad:
        return
    with _quietly(create_graph=False):
        for tensor, gradient in flow([(output, _start(output, None))], free=False):
            if not _finite(gradient.array):
                _raise_gradient(tensor, gradient, where)


@contextmanager
def diagnosing(*, where: str = "") -> Iterator[None]:
    """Inside the block every output is diagnosed before its gradients flow."""
    token = LOOK.set(lambda output: diagnose(output, where=where))
    try:
        with recording(Recording.EVERYTHING):  # also what no gradient flows through
            yield
    finally:
        LOOK.reset(token)


def _finite(array: np.ndarray[Any, Any] | None) -> bool:
    return array is None or array.dtype.kind != "f" or bool(np.isfinite(array).all())


def _first_bad(array: np.ndarray[Any, Any]) -> str:
    return f"{array[~np.isfinite(array)].flat[0]:g}"


def _place(node: Node | None, where: str) -> str:
    if node is None:
        return where
    layer = f'layer "{node.layer}"' if node.layer else ""
    return ", ".join(part for part in (where, layer, node.line) if part)


def _raise_value(graph: Graph, value: Value, where: str) -> None:
    assert value.array is not None  # noqa: S101 (found non-finite by the caller)
    bad = _first_bad(value.array)
    if value.node is None:
        raise NonFiniteError(
            f"{value.name or 'an input'} holds {bad}",
            expected="finite numbers",
            received=f"{int((~np.isfinite(value.array)).sum())} of {value.array.size} not finite",
            where=where,
            mend="clean the data, or look at the step before: the update may have overflowed",
        )
    ranges = ", ".join(
        f"{graph.label(graph.values[i])} in {describe(graph.values[i].array)}" for i in value.inputs
    )
    raise NonFiniteError(
        f"{value.node.operation.name} made {bad}, from {ranges}",
        expected="finite numbers",
        received=f"{int((~np.isfinite(value.array)).sum())} of {value.array.size} not finite",
        where=_place(value.node, where),
        mend="a smaller learning rate, clipped gradients, or inputs scaled to about ±1",
    )


def _raise_gradient(tensor: Tensor, gradient: Tensor, where: str) -> None:
    name = tensor.name or (tensor.node.operation.name if tensor.node else "a leaf")
    raise NonFiniteError(
        f"the gradient by {name} became {_first_bad(gradient.array)}",
        expected="finite numbers",
        received=f"values of {name} in {describe(tensor.array)}",
        where=_place(tensor.node, where),
        mend="look at the operation that uses it: a root, logarithm or division near 0?",
    )
