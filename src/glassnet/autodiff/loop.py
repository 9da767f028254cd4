"""The backwards loop: gradients flow from a result to everything it was computed from.

Reverse-mode differentiation as in Griewank and Walther, "Evaluating Derivatives", 2008: nodes are
taken in the reverse of the order in which they were made, so that each has collected the
gradients of all its uses before it passes them on. No recursion, no per-operation code.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from ..errors import GlassnetError, GradientError, OperationError
from ..graph import Node
from ..tensor import Tensor


def flow(output: Tensor, gradient: Tensor, *, free: bool) -> Iterator[tuple[Tensor, Tensor]]:
    """Yields every tensor that needs a gradient with its complete gradient, the leaves last.

    Args:
        output: where the gradient enters.
        gradient: the gradient by `output`, of its shape.
        free: whether each node forgets its inputs once it has passed its gradient on.
    """
    waiting: dict[int, tuple[Tensor, Tensor]] = {id(output): (output, gradient)}
    order: list[tuple[int, int]] = []  # (−number of the node, id of its tensor): newest first
    if output.node is not None:
        heappush(order, (-output.node.number, id(output)))
    while order:
        _, key = heappop(order)
        tensor, gradient = waiting.pop(key)
        yield tensor, gradient
        node = tensor.node
        if node is None:
            continue
        passed = _pass_on(node, tensor, gradient)
        for source, share in zip(node.inputs, passed, strict=True):
            if share is None or not isinstance(source, Tensor) or not source.requires_grad:
                continue
            known = waiting.get(id(source))
            waiting[id(source)] = (source, share if known is None else known[1] + share)
            if known is None and source.node is not None:
                heappush(order, (-source.node.number, id(source)))
        if free:
            node.free()
    yield from waiting.values()


def _pass_on(node: Node, out: Tensor, gradient: Tensor) -> tuple[Tensor | None, ...]:
    """The gradient by each input of a node, checked for number and shape."""
    if node.freed:
        raise GradientError(
            "this graph was already used by a backward pass, which freed it",
            where=node.line,
            mend="compute the loss again, or pass retain_graph=True to the first backward()",
        )
    name = node.operation.name
    try:
        passed = node.operation.backward(gradient, out, *node.inputs, **node.settings)
    except GlassnetError as error:
        error.inside(f"backward of {name}, computed in {node.line}")
        raise
    if len(passed) != len(node.inputs):
        raise OperationError(
            f"backward of {name} gives one gradient per input",
            expected=f"{len(node.inputs)}",
            received=f"{len(passed)}",
        )
    for source, share in zip(node.inputs, passed, strict=True):
        if share is not None and isinstance(source, Tensor) and share.shape != source.shape:
            raise OperationError(
                f"backward of {name} gives a gradient of its input's shape",
                expected=f"{source.shape}",
                received=f"{share.shape}",
                mend="sum over broadcast axes: ops.onto(input, lambda: gradient) does it",
            )
    return passed
