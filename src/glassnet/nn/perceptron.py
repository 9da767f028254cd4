"""Rosenblatt's perceptron: a line between two classes, found by a rule of its own."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .. import ops
from ..errors import ArgumentError, ConvergenceWarning, DataError, ShapeError
from ..tensor import Seed, Tensor, as_tensor, generator
from .module import Module
from .parameter import Parameter

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Update:
    """One update of the perceptron rule.

    Attributes:
        epoch: counted from 1.
        row: of the point that was on the wrong side.
        weight: w after it.
        bias: b after it.
    """

    epoch: int
    row: int
    weight: Array
    bias: float


class Perceptron(Module):
    """sign(wᵀx + b), ±1: the side of the line wᵀx + b = 0 on which x lies

    Learns by the perceptron rule: for each point on the wrong side, w ← w + t·x and b ← b + t with
    t = ±1 its class. If a line separates the classes, the rule finds one (Novikoff, 1962).

    Shape: (N, in_features) → (N,); weight (in_features,), bias (). A point on the
    line counts as +1.
    Source: Rosenblatt, "The perceptron", 1958.

    Args:
        in_features: length of x.
        labels: what the two classes are called, −1's first; `fit` reads them off its targets.

    Attributes:
        mistakes: after `fit`, the number of points that were on the wrong side, epoch by epoch.

    >>> import numpy as np
    >>> from glassnet import nn
    >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> model = nn.Perceptron(2).fit(x, [0, 0, 0, 1], epochs=20)
    >>> model.classify(x).tolist(), model.mistakes[-1]
    ([0, 0, 0, 1], 0)
    """

    weight: Parameter
    bias: Parameter

    def __init__(self, in_features: int, *, labels: Any = (-1, 1)) -> None:
        if type(in_features) is not int or in_features < 1:
            raise ArgumentError(
                "a perceptron has at least one input",
                expected="an integer ≥ 1",
                received=f"in_features={in_features!r}",
            )
        if len(labels) != 2 or labels[0] == labels[1]:
            raise ArgumentError(
                "a perceptron tells two classes apart", received=f"labels={labels!r}"
            )
        self.in_features = in_features
        self.classes = tuple(labels)
        # The rule is no gradient descent: sign has no slope to follow.
        self.weight = Parameter((in_features,), "zeros", trainable=False)
        self.bias = Parameter((), "zeros", trainable=False)
        self.mistakes: list[int] = []

    def arguments(self) -> dict[str, Any]:
        """As of any module, with the labels as `fit` found them."""
        return {**super().arguments(), "labels": list(self.classes)}

    def score(self, x: Tensor) -> Tensor:
        """wᵀx + b: positive on the one side of the line, negative on the other."""
        if not x.ndim or x.shape[-1] != self.in_features:
            raise ShapeError(
                "a perceptron received the wrong number of features",
                expected=f"(N, {self.in_features})",
                received=f"{x.shape}",
            )
        return ops.matmul(x, self.weight) + self.bias

    def forward(self, x: Tensor) -> Tensor:
        score = self.score(x)
        side = ops.less_equal(0.0, score).astype(score.dtype)
        return side * 2.0 - 1.0

    def classify(self, x: Any) -> Array:
        """The label of each point's class, as `fit` was given it."""
        return np.array(self.classes)[(self.predict(x) > 0.0).astype(np.int64)]

    def fit(self, x: Any, y: Any, *, epochs: int = 100, seed: Seed = 0) -> Self:
        """Passes through the points, in a new order each time, until none is on the wrong side.

        Args:
            x: (N, in_features) points.
            y: (N,) labels: two different values; the smaller one becomes −1.
            epochs: how often the points are passed through at most.
            seed: of the order.

        Raises:
            DataError: not two classes, or NaN and infinities among the points.
            ShapeError: the shapes do not fit.

        Warns:
            ConvergenceWarning: after the last epoch some points were still on the wrong side.
        """
        weight, bias = np.zeros(self.in_features, self.dtype), self.dtype.type(0.0)
        self.mistakes = []
        for update in self.updates(x, y, epochs=epochs, seed=seed):
            weight, bias = update.weight, self.dtype.type(update.bias)
            self.mistakes += [0] * (update.epoch - len(self.mistakes))
            self.mistakes[-1] += 1
        self.mistakes += [0] * (len(self.mistakes) < epochs)
        self.load_parameters({"weight": weight, "bias": bias})
        if self.mistakes[-1]:
            warnings.warn(
                f"the perceptron did not converge: {self.mistakes[-1]} mistakes in the last of "
                f"{epochs} epochs; more epochs may help, unless no line separates the classes",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def updates(self, x: Any, y: Any, *, epochs: int = 100, seed: Seed = 0) -> Iterator[Update]:
        """The updates of the rule one by one, as `fit` makes them; the perceptron itself stays.

        Takes and raises what `fit` does.

        >>> from glassnet import nn
        >>> for update in nn.Perceptron(1).updates([[-1.0], [2.0]], [0, 1], seed=1):
        ...     print(update.epoch, update.row, update.weight, update.bias)
        1 1 [2.] 1.0
        """
        if epochs < 1:
            raise ArgumentError(
                "fit passes through the points at least once", received=f"{epochs=}"
            )
        points, signs = self._checked(as_tensor(x).numpy(), np.asarray(y))
        return self._rule(points, signs, epochs, seed)

    def _rule(self, points: Array, signs: Array, epochs: int, seed: Seed) -> Iterator[Update]:
        rng = generator(seed)
        weight, bias = np.zeros(self.in_features, self.dtype), self.dtype.type(0.0)
        for epoch in range(1, epochs + 1):
            wrong = False
            for i in rng.permutation(len(points)):
                if signs[i] * (weight @ points[i] + bias) <= 0.0:
                    weight, bias, wrong = weight + signs[i] * points[i], bias + signs[i], True
                    yield Update(epoch, int(i), weight, float(bias))
            if not wrong:
                return

    def _checked(self, points: Array, labels: Array) -> tuple[Array, Array]:
        """The points, and ±1 for each, in the module's type."""
        if points.shape != (len(labels), self.in_features) or labels.ndim != 1:
            raise ShapeError(
                "a perceptron learns from points and their labels",
                expected=f"x (N, {self.in_features}) and y (N,)",
                received=f"x {points.shape} and y {labels.shape}",
            )
        bad = np.argwhere(~np.isfinite(points))
        if len(bad):
            row, column = bad[0].tolist()
            raise DataError(
                f"the points hold {points[row, column]}", where=f"row {row}, column {column}"
            )
        values = np.unique(labels)
        if len(values) != 2:
            raise DataError(
                "a perceptron tells two classes apart",
                expected="two different labels",
                received=f"{len(values)}: {', '.join(map(str, values[:5]))}",
            )
        self.classes = tuple(values.tolist())
        signs = np.where(labels == values[1], 1.0, -1.0)
        return points.astype(self.dtype), signs.astype(self.dtype)
