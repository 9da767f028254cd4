"""Derivatives of functions: a function in, the function that computes its derivative out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ..errors import ArgumentError, GradientError
from ..tensor import OPERATIONS, Tensor, as_tensor, float32
from ..tensor.dtypes import is_float
from .backward import gradients


@runtime_checkable
class HasParameters(Protocol):
    """A module: its gradient is a dictionary from parameter name to gradient."""

    def named_parameters(self) -> dict[str, Tensor]: ...


def value_and_grad(
    function: Callable[..., Tensor], argnum: int = 0
) -> Callable[..., tuple[Tensor, Any]]:
    """The function that returns (f(x, …), df/dx) for its argument number `argnum`.

    The argument may be a number, an array, a tensor, or a module; by a module the derivative is a
    dictionary from parameter name to gradient. Can be nested for higher derivatives.

    Raises:
        GradientError: f does not return a single number.

    >>> import glassnet as gn
    >>> value, slope = gn.value_and_grad(lambda x: x**2)(3.0)
    >>> value.item(), slope.item()
    (9.0, 6.0)
    """

    def differentiated(*inputs: Any, **settings: Any) -> tuple[Tensor, Any]:
        if not 0 <= argnum < len(inputs):
            raise ArgumentError(
                "there is no argument to differentiate by",
                expected=f"more than {argnum} positional arguments",
                received=f"{len(inputs)}",
            )
        argument = inputs[argnum]
        nested = any(isinstance(x, Tensor) and x.requires_grad for x in inputs)
        if isinstance(argument, HasParameters):
            named = argument.named_parameters()
            output = _scalar(function(*inputs, **settings))
            found = gradients(output, list(named.values()), create_graph=nested)
            return output.detach(), dict(zip(named, found, strict=True))
        variable = _variable(argument)
        changed = (*inputs[:argnum], variable, *inputs[argnum + 1 :])
        output = _scalar(function(*changed, **settings))
        (slope,) = gradients(output, [variable], create_graph=nested)
        return (output, slope) if nested else (output.detach(), slope)

    return differentiated


def grad(function: Callable[..., Tensor], argnum: int = 0) -> Callable[..., Any]:
    """The function that returns df/dx; see `value_and_grad`.

    >>> import glassnet as gn
    >>> cube = lambda x: x**3
    >>> gn.grad(cube)(2.0).item(), gn.grad(gn.grad(cube))(2.0).item()
    (12.0, 12.0)
    """
    both = value_and_grad(function, argnum)
    return lambda *inputs, **settings: both(*inputs, **settings)[1]


def hessian(function: Callable[[Tensor], Tensor]) -> Callable[[Any], Tensor]:
    """The function that returns all second derivatives ∂²f/∂xᵢ∂xⱼ, of shape x.shape + x.shape.

    One backward pass for each element of x.

    >>> import glassnet as gn
    >>> gn.hessian(lambda x: x[0] ** 2 * x[1])([1.0, 3.0]).numpy().tolist()
    [[6.0, 2.0], [2.0, 0.0]]
    """

    def second(x: Any) -> Tensor:
        nested = isinstance(x, Tensor) and x.requires_grad
        variable = _variable(x)
        (slope,) = gradients(_scalar(function(variable)), [variable], create_graph=True)
        rows = [
            gradients(entry, [variable], create_graph=nested)[0] for entry in slope.reshape((-1,))
        ]
        stacked = OPERATIONS["concat"](*(row.reshape((1, -1)) for row in rows), axis=0)
        return stacked.reshape(variable.shape + variable.shape)

    return second


def _variable(value: Any) -> Tensor:
    """A tensor of its own to differentiate by, even where the same tensor is used elsewhere."""
    if isinstance(value, Tensor) and value.requires_grad:
        return OPERATIONS["cast"](value, dtype=value.dtype)  # linked to the outer derivative
    found = as_tensor(value)
    array = found.array if is_float(found.dtype) else np.asarray(found.numpy(), float32)
    return Tensor(array, name=found.name, requires_grad=True)


def _scalar(output: Any) -> Tensor:
    if not isinstance(output, Tensor) or output.size != 1:
        received = f"shape {output.shape}" if isinstance(output, Tensor) else repr(output)
        raise GradientError(
            "only a function that returns a single number has a gradient",
            expected="a tensor of shape ()",
            received=received,
            mend="reduce the result with .mean() or .sum()",
        )
    return output
