"""Descent of a function of a point: every step kept, in any number of dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np

from ..autodiff import gradients
from ..errors import ArgumentError, DivergenceError, ShapeError
from ..tensor import HOOKS, Tensor, as_tensor, float64
from ..tensor.dtypes import is_float
from .optimizer import Optimizer
from .sgd import SGD

Array = np.ndarray[Any, Any]
Function = Callable[[Tensor], Tensor]

RUNAWAY = 1e10  # a value that has grown by this factor will not come back


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """The path of a descent.

    Attributes:
        points: x₀ … xₙ, of shape (steps + 1, *shape of x).
        values: f(x₀) … f(xₙ).
        slopes: |∇f(x₀)| … |∇f(xₙ)|, Euclidean norms.
        function: f.
        optimizer: what took the steps.
    """

    points: Array
    values: Array
    slopes: Array
    function: Function
    optimizer: Optimizer

    def __len__(self) -> int:
        """The number of steps."""
        return len(self.points) - 1

    def __str__(self) -> str:
        end = np.array2string(self.points[-1], precision=6, separator=", ")
        return (
            f"{len(self)} steps of {name_of(self.optimizer)}: f from {self.values[0]:.6g} to "
            f"{self.values[-1]:.6g} at x = {end}, slope {self.slopes[-1]:.2g}"
        )

    def picture(self, **settings: Any) -> Any:
        """The path on f, for one or two dimensions; see `glassnet.view.descent`."""
        return HOOKS["descent"](self, **settings)

    def _repr_svg_(self) -> str | None:
        """Notebooks show the path, where it can be drawn."""
        drawable = "descent" in HOOKS and self.points[0].size <= 2
        return self.picture()._repr_svg_() if drawable else None


def descend(
    function: Function,
    start: Any,
    optimizer: Optimizer | None = None,
    steps: int = 50,
    *,
    estimates: Iterable[Function] | None = None,
) -> Descent:
    """Follows the negative gradient from a point: xₖ₊₁ = xₖ − lr · ∇f(xₖ), or any optimiser.

    Computes in float64, unless the start is an array or a tensor of float32. With estimates it is
    stochastic gradient descent: each step follows the gradient of the next of them.

    Args:
        function: f, from a tensor of the start's shape to a single number.
        start: x₀, a number or an array of any shape.
        optimizer: takes the steps; gradient descent with lr=0.1 when left out.
        steps: how many.
        estimates: a function for each step that stands in for f, such as the loss of a mini-batch;
            values and slopes of the path are those of f all the same.

    Raises:
        ArgumentError: fewer estimates than steps.
        DivergenceError: a value or a point ran away; says at which step, and what to try.
        ShapeError: f does not return a single number.

    >>> path = descend(lambda x: (x - 3) ** 2, start=0.0, steps=2)
    >>> path.points.round(3).tolist(), path.values.round(3).tolist()
    ([0.0, 0.6, 1.08], [9.0, 5.76, 3.686])
    """
    if steps < 0 or steps != int(steps):
        raise ArgumentError(
            "a descent takes a whole number of steps", expected="steps ≥ 0", received=f"{steps}"
        )
    x = Tensor(_start(start), name="x", requires_grad=True)
    method = (optimizer or SGD(lr=0.1)).bind([x])
    points, values, slopes = [], [], []
    stand_ins = None if estimates is None else iter(estimates)
    with np.errstate(all="ignore"):
        for step in range(steps + 1):
            value, x.grad = _value_and_gradient(function, x)
            points.append(x.array)
            values.append(value)
            slopes.append(float(np.linalg.norm(x.grad.numpy())))
            _check(points, values, slopes, function, method)
            if step == steps:
                break
            if stand_ins is not None:
                _, x.grad = _value_and_gradient(_next(stand_ins, step, steps), x)
            method.step()
    return Descent(np.array(points), np.array(values), np.array(slopes), function, method)


def _next(estimates: Iterator[Function], step: int, steps: int) -> Function:
    for estimate in estimates:
        return estimate
    raise ArgumentError(
        "there is an estimate for each step", expected=f"{steps} functions", received=f"{step}"
    )


def name_of(optimizer: Optimizer) -> str:
    """An optimiser with the settings that are not its defaults: `SGD(lr=0.1, momentum=0.9)`."""
    settings = [
        f"{field.name}={getattr(optimizer, field.name)}"
        for field in fields(optimizer)
        if field.init and field.repr
        if field.name == "lr" or getattr(optimizer, field.name) != field.default
    ]
    return f"{type(optimizer).__name__}({', '.join(settings)})"


def _start(start: Any) -> Array:
    """The start as an array of floats: its own type if it has one, else float64."""
    typed = isinstance(start, Tensor | np.ndarray | np.floating)
    array = as_tensor(start).numpy() if typed else np.asarray(start, float64)
    return array.copy() if is_float(array.dtype) else array.astype(float64)


def _value_and_gradient(function: Function, x: Tensor) -> tuple[float, Tensor]:
    output = as_tensor(function(x))
    if output.size != 1:
        raise ShapeError(
            "the function to descend returns a single number",
            expected="shape ()",
            received=f"shape {output.shape} for x of shape {x.shape}",
            mend="reduce it with .sum() or .mean()",
        )
    (gradient,) = gradients(output, [x])
    return float(output.item()), gradient


def _check(
    points: list[Array],
    values: list[float],
    slopes: list[float],
    function: Function,
    optimizer: Optimizer,
) -> None:
    """Raises DivergenceError where the last point is beyond return."""
    value, first = values[-1], values[0]
    finite = math.isfinite(value) and math.isfinite(slopes[-1])
    if finite and value - first <= RUNAWAY * max(1.0, abs(first)):
        return
    step = len(values) - 1
    if step == 0:
        raise DivergenceError(
            f"f has no finite {'value' if not math.isfinite(value) else 'slope'} at the start",
            expected="a start inside the domain of f",
            received=f"f = {value:g}, slope {slopes[-1]:g} at x = {points[0]}",
            mend="another start",
        )
    fell = [v for v in values if math.isfinite(v)]
    below = len(fell) > 1 and all(b < a for a, b in pairwise(fell))
    mend = "f falls without end in this direction: another start, or fewer steps"
    raise DivergenceError(
        f"the descent ran away at step {step}",
        expected="values of f that fall",
        received=", ".join(f"{v:.4g}" for v in values[-4:]) + " in the last steps",
        where=f"step {step}, x = {points[-1]}",
        mend=mend if below else _advice(points[0], function, optimizer),
    )


def _advice(start: Array, function: Function, optimizer: Optimizer) -> str:
    """A learning rate that is stable near the start."""
    advice = f"a smaller learning rate than {optimizer.rate(0):g}"
    bend = curvature(function, start)
    if not math.isfinite(bend) or bend <= 0:
        return advice
    return (
        f"{advice}; at the start, where the curvature is {bend:.3g}, "
        f"gradient descent needs lr < {2 / bend:.2g}"
    )


def curvature(function: Function, point: Any) -> float:
    """gᵀHg / gᵀg, the second derivative along the gradient g; 0 where the slope is 0.

    A step of gradient descent is stable there for a learning rate below 2 / curvature.

    >>> from glassnet.optim.descent import curvature
    >>> curvature(lambda x: (x**2).sum() * 3, [1.0, -2.0])
    6.0
    """
    x = Tensor(_start(point), requires_grad=True)
    output = as_tensor(function(x)).sum()
    if not output.requires_grad:
        return 0.0
    (slope,) = gradients(output, [x], create_graph=True)
    norm = float((slope * slope).sum().item())
    if not slope.requires_grad or not norm:
        return 0.0
    direction = slope.detach()
    (bent,) = gradients((slope * direction).sum(), [x])
    return float((bent * direction).sum().item()) / norm
