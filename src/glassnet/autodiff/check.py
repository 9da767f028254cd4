"""Gradients held against finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import GradientError
from ..tensor import Generator, Tensor, as_tensor, float64
from ..tensor.dtypes import is_float
from .backward import gradients

Array = np.ndarray[Any, Any]
STEP = 1e-3  # with the five-point rule: error about STEP⁴ + 10⁻¹⁶/STEP ≈ 10⁻¹²


def check_grads(
    function: Callable[..., Tensor],
    *inputs: Any,
    order: int = 2,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> None:
    """Raises GradientError unless the gradients of f agree with finite differences in float64.

    f is projected on a random direction v, φ(x) = Σ v·f(x), and each ∂φ/∂xᵢ is compared with
    (φ(x−2h) − 8φ(x−h) + 8φ(x+h) − φ(x+2h)) / 12h. For order 2 the same is done with the function
    x ↦ Σ u·∂φ/∂x, whose gradient passes through the backward rules themselves.

    Args:
        function: takes tensors and returns a tensor.
        inputs: arrays, tensors or numbers; floats are differentiated, in float64.
        order: 1 or 2.
        tolerance: largest |gradient − difference| / max(1, |difference|).
        seed: draws the random directions.

    Raises:
        GradientError: names the input, the element and both numbers.

    >>> import glassnet as gn
    >>> gn.check_grads(lambda x: gn.ops.tanh(x) * x, [0.3, -0.7])
    """
    points = [as_tensor(x) for x in inputs]
    arrays = [x.array.astype(float64) if is_float(x.dtype) else x.array for x in points]
    _compare(function, arrays, order=1, tolerance=tolerance, rng=Generator(seed))
    if order >= 2:
        direction = Generator(seed).fork("second order")

        def slope(*tensors: Tensor) -> Tensor:
            variables = [x for x in tensors if x.requires_grad]
            projected = _project(function(*tensors), Generator(seed))
            rng = Generator(direction.seed, stream=direction.stream)
            total = as_tensor(np.float64(0.0))
            if not projected.requires_grad:
                return total
            for gradient in gradients(projected, variables, create_graph=True):
                total = total + _project(gradient, rng)
            return total

        _compare(slope, arrays, order=2, tolerance=tolerance, rng=Generator(seed))


def _project(value: Tensor, rng: Generator) -> Tensor:
    weights = Tensor(rng.uniform(value.shape, 0.5, 1.5, dtype=float64))
    return (value * weights).sum()


def _compare(
    function: Callable[..., Tensor],
    arrays: list[Array],
    *,
    order: int,
    tolerance: float,
    rng: Generator,
) -> None:
    key = (rng.seed, rng.stream)

    def projected(values: list[Array]) -> tuple[Tensor, list[Tensor]]:
        tensors = [Tensor(x, requires_grad=is_float(x.dtype)) for x in values]
        return _project(function(*tensors), Generator(key[0], stream=key[1])), tensors

    output, tensors = projected(arrays)
    variables = [x for x in tensors if x.requires_grad]
    found = dict(zip(map(id, variables), gradients(output, variables), strict=True))
    for position, (array, tensor) in enumerate(zip(arrays, tensors, strict=True)):
        if not tensor.requires_grad:
            continue
        analytic = found[id(tensor)].array
        numeric = _differences(lambda x: projected(x)[0].item(), arrays, position)
        error = np.abs(analytic - numeric) / np.maximum(1.0, np.abs(numeric))
        if array.size and not error.max() <= tolerance:
            worst = np.unravel_index(
                np.nanargmax(np.where(np.isnan(error), np.inf, error)), array.shape
            )
            raise GradientError(
                f"the gradient of order {order} by input {position} is wrong",
                expected=f"{numeric[worst]:.10g} by finite differences at {tuple(map(int, worst))}",
                received=f"{analytic[worst]:.10g}",
                mend="compare backward with the formula of forward; keep samples off kinks",
            )


def _differences(
    function: Callable[[list[Array]], Any], arrays: list[Array], position: int
) -> Array:
    """The five-point derivative by each element of one input."""
    base = arrays[position]
    slopes = np.empty(base.shape)
    for at in np.ndindex(base.shape):
        values = {}
        for shift in (-2, -1, 1, 2):
            moved = base.copy()
            moved[at] += shift * STEP
            values[shift] = function([*arrays[:position], moved, *arrays[position + 1 :]])
        slopes[at] = (values[-2] - 8 * values[-1] + 8 * values[1] - values[2]) / (12 * STEP)
    return slopes
