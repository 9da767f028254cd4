"""One network that approximates a function: how it begins, learns, and is measured."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .. import losses, nn
from ..graph import no_grad
from ..optim import Adam, Cosine
from ..tensor import Tensor, float32, float64, generator
from .fit import fit
from .minimax import minimax

Array = np.ndarray[Any, Any]

ROWS = 512  # of a step
RATE = 0.03
RISE = 10.0  # slope of the units at the start: it takes them from 0 to 1 over half the domain


@dataclass(frozen=True, slots=True)
class Approximant:
    """A network with its largest error.

    Attributes:
        width: its hidden units.
        model: Linear(n, width), Sigmoid, Linear(width, 1).
        error: max |network − f| over the points measured.
        where: the point of the largest error (n,).
        seconds: that its training took.
    """

    width: int
    model: nn.Sequential
    error: float
    where: Array
    seconds: float


@dataclass(frozen=True)
class Problem:
    """What is to be approximated, in numbers.

    Attributes:
        learned: points to learn from (rows, n), a grid with its border.
        target: f there (rows,).
        measured: points at which the error is measured.
        truth: f there.
        steps: of the optimiser.
        tries: how many networks learn, of which the best goes on.
        seed: of units and mini-batches.
        engine: what computes the steps.
    """

    learned: Array
    target: Array
    measured: Array
    truth: Array
    steps: int
    tries: int
    seed: int
    engine: str

    def solve(self, width: int) -> Approximant:
        """The network of this width, trained and measured."""
        began = time.perf_counter()
        tried = [self._learned(width, attempt) for attempt in range(self.tries)]
        _, model, coefficients = min(tried, key=lambda one: one[0])
        self._finish(model, coefficients)
        error = np.abs(model.predict(self.measured)[:, 0] - self.truth)
        worst = int(error.argmax())
        seconds = time.perf_counter() - began
        return Approximant(width, model, float(error[worst]), self.measured[worst], seconds)

    def _learned(self, width: int, attempt: int) -> tuple[float, nn.Sequential, Array]:
        """A network that has learned, what comes after its units, and its largest error then."""
        model = self._begun(width, attempt)
        epochs = -(-self.steps * ROWS // len(self.learned))
        steps = epochs * -(-len(self.learned) // ROWS)
        fit(
            model, (self._unit.astype(float32), self._scaled[:, None].astype(float32)),
            losses.mean_squared_error, Adam(lr=Cosine(RATE, steps=steps)), epochs=epochs,
            batch_size=ROWS, seed=self.seed, engine=self.engine, metrics=(), progress=False,
        )  # fmt: skip
        with no_grad():
            hidden = model[1](model[0](Tensor(self._unit.astype(float32)))).numpy()
        columns = np.concatenate([hidden, np.ones((len(hidden), 1))], axis=1)
        found = minimax(columns, self._scaled)
        return float(np.abs(columns @ found - self._scaled).max()), model, found

    @cached_property
    def _unit(self) -> Array:
        """The points on [0, 1]ⁿ."""
        return np.asarray((self.learned - self._low) / self._extent)

    @cached_property
    def _scaled(self) -> Array:
        """The targets with mean 0 and deviation 1, where they are not all alike."""
        return np.asarray((self.target - self.target.mean()) / self._deviation)

    @property
    def _low(self) -> float:
        return float(self.learned.min())

    @property
    def _extent(self) -> float:
        return float(self.learned.max()) - self._low

    @property
    def _deviation(self) -> float:
        return float(self.target.std()) or 1.0

    def _begun(self, width: int, attempt: int) -> nn.Sequential:
        """The network on [0, 1]ⁿ with its units spread over it, and the rest drawn."""
        dimensions = self.learned.shape[1]
        model = nn.Sequential(nn.Linear(dimensions, width), nn.Sigmoid(), nn.Linear(width, 1))
        model.initialise(self.seed)
        rng = generator(self.seed).fork(width).fork(attempt)
        direction = rng.normal((width, dimensions), dtype=float64)
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        slope = RISE * dimensions**-0.75 * rng.uniform((width, 1), 0.5, 1.5, dtype=float64)
        centre = rng.uniform((width, dimensions), dtype=float64)
        if dimensions == 1:
            centre = (np.arange(width)[:, None] + 0.5) / width
        _put(model, 0, slope * direction, -(slope * direction * centre).sum(axis=1))
        return model

    def _finish(self, model: nn.Sequential, coefficients: Array) -> None:
        """The output for the smallest largest error, and the whole in the units of f."""
        found = coefficients * self._deviation
        _put(model, 2, found[None, :-1], found[-1:] + self.target.mean())
        first: Any = model[0]
        slope = first.weight.numpy() / self._extent
        _put(model, 0, slope, first.bias.numpy() - slope.sum(axis=1) * self._low)


def _put(model: nn.Sequential, layer: int, weight: Array, bias: Array) -> None:
    values = {f"{layer}.weight": weight, f"{layer}.bias": bias}
    model.load_parameters(values, strict=False)
