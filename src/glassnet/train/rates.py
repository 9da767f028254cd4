"""How large the learning rate may be: a short training in which it grows until the loss does."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import losses
from ..compilation import compile
from ..data import batches
from ..data.checks import check_count
from ..errors import ArgumentError
from ..nn import Module
from ..optim import Optimizer
from ..tensor import HOOKS
from .engines import check_engine
from .preparation import Data, check_model, datasets, optimizer_for, work_for
from .reading import Loss

Array = np.ndarray[Any, Any]
FORGETTING = 0.9  # of the running mean of the loss
SETTLED = 10  # steps after which it is a mean of many
RUNAWAY = 4.0  # times the lowest loss: beyond, nothing more is learned about the rate


@dataclass(frozen=True, slots=True, eq=False)
class RateCurve:
    """The loss against a learning rate that grew from step to step.

    Attributes:
        rates: of each step (steps,).
        losses: before the step (steps,).
        smoothed: their running mean, freed of its bias.
        suggestion: a tenth of the rate at which the smoothed loss was lowest: there it still fell,
            with some distance from where it runs away.
    """

    rates: Array
    losses: Array
    smoothed: Array
    suggestion: float

    def __repr__(self) -> str:
        return (
            f"RateCurve({len(self.rates)} rates from {self.rates[0]:.3g} to {self.rates[-1]:.3g}, "
            f"suggestion={self.suggestion:.2g})"
        )

    def picture(self) -> Any:
        """The curve, with the suggestion marked; see `glassnet.view.rates`."""
        return HOOKS["rates"](self)

    def _repr_svg_(self) -> str | None:
        """Notebooks show the curve."""
        drawn: str | None = self.picture()._repr_svg_() if "rates" in HOOKS else None
        return drawn


def find_rate(
    model: Module,
    data: Data,
    loss: Loss | str | None = None,
    optimizer: Optimizer | str | None = None,
    *,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
    batch_size: int | None = 32,
    seed: int = 0,
    engine: str = "native",
) -> RateCurve:
    """Tries learning rates from `low` to `high`, each for one step, on a copy of the model.

    The rate grows by the same factor from step to step. Where it is too small the loss stays,
    where it is right the loss falls, where it is too large the loss runs away and the trial ends.

    Source: Smith, "Cyclical learning rates for training neural networks", 2017.

    Args:
        model: stays as it is.
        data: a data set, or a pair (inputs, targets).
        loss: as for `fit`.
        optimizer: whose rate is looked for; its own rate is left out of account.
        low: rate of the first step.
        high: rate of the last one.
        steps: how many rates are tried.
        batch_size: rows a step.
        seed: of parameters that have no numbers yet, of the batches and of dropout.
        engine: "native" or "numpy".

    Raises:
        ArgumentError: not 0 < low < high; or the loss never fell.

    >>> import glassnet as gn
    >>> from glassnet import data, nn
    >>> model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    >>> found = gn.find_rate(model, data.moons(200, seed=0), engine="numpy")
    >>> 1e-3 < found.suggestion < 1.0
    True
    """
    check_count(steps, "steps", least=2 * SETTLED)
    check_engine(engine)
    check_model(model)
    if not 0.0 < low < high < math.inf:
        raise ArgumentError(
            "rates are tried from a low one to a high one",
            expected="0 < low < high",
            received=f"low={low!r}, high={high!r}",
        )
    chosen = losses.get(loss) if isinstance(loss, str) else loss
    train, _ = datasets(model, data, chosen, None, seed)
    growth = (high / low) ** (1.0 / (steps - 1))
    rates = low * growth ** np.arange(steps)
    method = replace(optimizer_for(optimizer, steps), lr=lambda step: float(rates[step]))
    work = work_for(copy.deepcopy(model), train, chosen, method, (), seed)
    step = compile(lambda *batch: work.step(*batch)[0], engine=engine)
    found: list[float] = []
    with np.errstate(all="ignore"):  # the trial goes on until the numbers run away
        for rows in _endless(len(train), batch_size, steps, seed):
            value = step(*train.batch(rows)).item()
            if not math.isfinite(value):
                break
            found.append(value)
            smoothed = _smooth(found)[SETTLED:]
            if smoothed.size and smoothed[-1] > RUNAWAY * smoothed.min():
                break
    curve, smoothed = np.array(found), _smooth(found)
    return RateCurve(rates[: len(curve)], curve, smoothed, _suggestion(rates, smoothed))


def _endless(count: int, size: int | None, steps: int, seed: int) -> Iterator[Array]:
    """Whole batches of one epoch after the other."""
    rows = min(size or count, count)
    given, epoch = 0, 0
    while given < steps:
        epoch += 1
        for batch in batches(count, rows, seed=seed, epoch=epoch):
            if len(batch) == rows and given < steps:
                given += 1
                yield batch


def _smooth(values: list[float]) -> Array:
    """mₜ = βmₜ₋₁ + (1 − β)vₜ, divided by 1 − βᵗ⁺¹."""
    mean, means = 0.0, []
    for t, value in enumerate(values):
        mean = FORGETTING * mean + (1.0 - FORGETTING) * value
        means.append(mean / (1.0 - FORGETTING ** (t + 1)))
    return np.array(means)


def _suggestion(rates: Array, smoothed: Array) -> float:
    """A tenth of the rate at which the smoothed loss was lowest."""
    settled = smoothed[SETTLED:]
    lowest = SETTLED + int(np.argmin(settled)) if settled.size else SETTLED
    if lowest == SETTLED:
        raise ArgumentError(
            "the loss never fell, whatever the learning rate",
            expected="a rate between low and high at which the network learns",
            received=f"{len(smoothed)} steps, the loss lowest at step {lowest}",
            mend="begin with a lower rate, or look whether data and loss fit the network",
        )
    return float(0.1 * rates[lowest])
