"""The backwards loop: gradients flow from a result to everything it was computed from.

Reverse-mode differentiation as in Griewank and Walther, "Evaluating Derivatives", 2008: nodes are
taken in the reverse of the order in which they were made, so that each has collected the
gradients of all its uses before it passes them on. No recursion, no per-operation code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from ..errors import GlassnetError, GradientError, OperationError
from ..graph import Node
from ..tensor import Tensor


def flow(
    starts: Iterable[tuple[Tensor, Tensor]], *, free: bool, leaves: frozenset[int] = frozenset()
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yields every tensor that needs a gradient with its complete gradient, the leaves last.

    Args:
        starts: where gradients enter: a tensor, and the gradient by it, of its shape.
        free: whether each node forgets its inputs once it has passed its gradient on.
        leaves: ids of tensors beyond which the gradient does not go.
    """
    waiting: dict[int, tuple[Tensor, Tensor]] = {}
    order: list[tuple[int, int]] = []  # (−number of the node, id of its tensor): newest first

    def receive(tensor: Tensor, share: Tensor) -> None:
        known = waiting.get(id(tensor))
        waiting[id(tensor)] = (tensor, share if known is None else known[1] + share)
        if known is None and tensor.node is not None and id(tensor) not in leaves:
            heappush(order, (-tensor.node.number, id(tensor)))

    for tensor, gradient in starts:
        receive(tensor, gradient)
    while order:
        _, key = heappop(order)
        tensor, gradient = waiting.pop(key)
        yield tensor, gradient
        node = tensor.node
        if node is None:
            continue
        passed = _pass_on(node, tensor, gradient)
        for source, share in zip(node.inputs, passed, strict=True):
            if share is not None and isinstance(source, Tensor) and source.requires_grad:
                receive(source, share)
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
