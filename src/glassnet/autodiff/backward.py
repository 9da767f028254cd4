"""Gradients left on tensors, and gradients returned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from ..errors import GradientError
from ..graph import SCOPE, Recording, recording
from ..graph.node import SMALL
from ..graph.recording import RECORDING
from ..ops.operation import filled
from ..tensor import HOOKS, Tensor
from ..tensor.dtypes import is_float
from .loop import flow

# What looks at an output before its gradients flow; see `diagnosing`.
LOOK: ContextVar[Callable[[Tensor], None] | None] = ContextVar("look", default=None)


def backward(
    output: Tensor,
    grad: Tensor | None = None,
    *,
    retain_graph: bool = False,
    accumulate: bool = False,
) -> None:
    """Leaves dL/dx in `x.grad` for every tensor x from which L was computed.

    A tensor used twice receives the sum of both gradients. The graph is freed on the way, node by
    node, unless it is retained.

    Args:
        output: L; a single number unless `grad` is given.
        grad: the gradient by L, of its shape; 1 when left out.
        retain_graph: keep the graph for a second backward pass.
        accumulate: add to gradients that are already there.

    Raises:
        GradientError: nothing to differentiate; L is no single number; the graph was freed; a
            leaf still holds the gradient of an earlier pass.

    >>> import glassnet as gn
    >>> x = gn.tensor(3.0, requires_grad=True)
    >>> (x**2 + x).backward()
    >>> x.grad.item()
    7.0
    """
    start = _start(output, grad)
    _show(output)
    collected = []
    with _quietly(create_graph=False):
        for tensor, gradient in flow([(output, start)], free=not retain_graph):
            if tensor.node is None:
                collected.append((tensor, gradient))
            else:
                tensor.grad = gradient
                if tensor.remnant is not None and tensor.size <= SMALL:
                    tensor.remnant.grad = gradient
        for leaf, _ in collected:
            if leaf.grad is not None and not accumulate:
                raise GradientError(
                    f"{leaf.name or 'a leaf'} still holds the gradient of an earlier pass",
                    mend="clear it first (optimizer.zero_grad(), or x.grad = None), "
                    "or pass accumulate=True to add to it",
                )
        for leaf, gradient in collected:
            leaf.grad = gradient if leaf.grad is None else leaf.grad + gradient


def gradients(
    output: Tensor,
    inputs: Sequence[Tensor],
    grad: Tensor | None = None,
    *,
    create_graph: bool = False,
) -> list[Tensor]:
    """dL/dx for each of the inputs, returned and not stored; zeros where L does not depend on x.

    Args:
        output: L; a single number unless `grad` is given.
        inputs: tensors that require a gradient, leaves or not.
        grad: the gradient by `output`, of its shape; 1 when left out.
        create_graph: record the backward pass too, so that it can be differentiated again.

    >>> import glassnet as gn
    >>> x = gn.tensor(3.0, requires_grad=True)
    >>> (first,) = gn.gradients(x**3, [x], create_graph=True)
    >>> (second,) = gn.gradients(first, [x])
    >>> first.item(), second.item()
    (27.0, 18.0)
    """
    found: dict[int, Tensor] = {}
    wanted = {id(x) for x in inputs}
    if output.requires_grad:
        start = _start(output, grad)
        _show(output)
        with _quietly(create_graph):
            for tensor, gradient in flow([(output, start)], free=False):
                if id(tensor) in wanted:
                    found[id(tensor)] = gradient
    return [found[id(x)] if id(x) in found else filled(x, 0.0) for x in inputs]


def _start(output: Tensor, grad: Tensor | None) -> Tensor:
    """The gradient that enters at the output, checked."""
    if not output.requires_grad:
        raise GradientError(
            "there is nothing to differentiate",
            expected="a result computed from tensors with requires_grad=True",
            received=f"a {output.dtype} tensor of shape {output.shape} without a graph",
            mend="mark the inputs with requires_grad=True, and compute outside no_grad()",
        )
    if grad is not None:
        if grad.shape != output.shape or not is_float(grad.dtype):
            raise GradientError(
                "the gradient that enters has the shape of the result",
                expected=f"{output.dtype} {output.shape}",
                received=f"{grad.dtype} {grad.shape}",
            )
        return grad
    if output.size != 1:
        raise GradientError(
            "backward starts from a single number",
            expected="shape ()",
            received=f"shape {output.shape}",
            mend="reduce it with .mean() or .sum(), or pass the gradient by it",
        )
    return filled(output, 1.0)


def _show(output: Tensor) -> None:
    look = LOOK.get()
    if look is not None:
        look(output)


@contextmanager
def _quietly(create_graph: bool) -> Iterator[None]:
    """Runs the backward pass without recording it, unless asked for or tracing everything."""
    before = RECORDING.get()
    silent = before is Recording.GRADIENTS and not create_graph
    if silent:
        with recording(Recording.NOTHING):
            yield
        return
    token = SCOPE.set(replace(SCOPE.get(), backward=True))
    try:
        with recording(before):
            yield
    finally:
        SCOPE.reset(token)


HOOKS["backward"] = backward
