"""Activations and their derivatives, as their operations define them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import nn, ops
from ..errors import ArgumentError
from ..nn.activation import ACTIVATIONS
from ..tensor import Tensor
from .functions import Curve, called, drawn
from .picture import Picture

OTHERS = (0.0, 0.0)  # the other elements of a vector, where an activation looks at all of them


def activations(
    *which: str | nn.Module | Callable[[Tensor], Tensor], low: float = -4.0, high: float = 4.0
) -> Picture:
    """Activations as functions of one number, each with its derivative.

    One is drawn large, under its formulas as its operation states them; several stand side by side.
    Where the slope jumps, a dot marks what the derivative is taken to be there. Of softmax and its
    logarithm the first of three elements is shown, the other two at 0.

    Args:
        which: names, layers, or functions of a tensor; all activations of the library when left
            out.
        low: where the drawings begin.
        high: where they end.

    Raises:
        ArgumentError: there is no activation of that name, or low ≥ high.
        ShapeError: a function that does not return one number for one number.

    >>> from glassnet import view
    >>> view.activations("relu")
    <picture: ReLU from −4 to 4: values 0 to 4, slopes 0 to 1; a kink at 0, where the derivative is taken as 0.>
    """  # noqa: E501
    chosen = which or tuple(name for name in ACTIVATIONS if name != "identity")
    return drawn([_curve(one, low, high) for one in chosen], "activations")


def _curve(which: Any, low: float, high: float) -> Curve:
    one = nn.activation(which) if isinstance(which, str) else which
    if not callable(one):
        raise ArgumentError(
            "this is no activation",
            expected='a name such as "relu", a layer, or a function of a tensor',
            received=repr(one),
        )
    name = repr(one).removesuffix("()") if isinstance(one, nn.Module) else called(one)
    if isinstance(one, nn.Softmax | nn.LogSoftmax):
        formula, _ = _formulas(one, Tensor(np.zeros(3), requires_grad=True))
        across = "a₁, with a₂ = a₃ = 0"
        return Curve(name, lambda a: _first(one, a), low, high, across, formula)
    formulas = _formulas(one, Tensor(np.array(0.5), requires_grad=True))
    return Curve(name, one, low, high, "a", *formulas)


def _first(vector: Callable[[Tensor], Tensor], a: Tensor) -> Tensor:
    """The first element of what a function of vectors makes of (a, 0, 0)."""
    others = [a * 0.0 + other for other in OTHERS]
    return vector(ops.stack([a, *others], axis=-1))[..., 0]


def _formulas(function: Callable[[Tensor], Tensor], x: Tensor) -> tuple[str, str]:
    """What the one operation that a function consists of says of itself and of its derivative."""
    node = getattr(function(x), "node", None)
    if node is None or node.inputs[0] is not x:
        return "", ""
    lines = [line.strip() for line in (node.operation.__doc__ or "").split("\n")] + [""] * 3
    return lines[0], lines[2]
