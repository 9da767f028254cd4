"""How noisy the gradient of a mini-batch is, and what that does to a descent."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import optim
from ..compilation import compile
from ..data import batches
from ..data.checks import check_count
from ..errors import ArgumentError
from ..nn import Module
from ..tensor import HOOKS, Tensor
from .engines import check_engine
from .preparation import Data, check_model, datasets, work_for
from .reading import Loss
from .work import Work

Array = np.ndarray[Any, Any]
MOST_ROWS = 4096  # of the data that is taken as the whole


@dataclass(frozen=True, slots=True, eq=False)
class GradientNoise:
    """Descents from one start with batches of several sizes, and how their gradients scatter.

    Attributes:
        sizes: rows a step, the last one all of them.
        losses: of all rows after each step, for each size (sizes, steps + 1).
        spreads: for each size √E‖g − ∇L‖² / ‖∇L‖ at the start: the error of a batch's gradient g,
            measured by that of all rows (sizes,).
        single: σ, the spread of single rows, from more samples.
        rate: the learning rate of all descents.
    """

    sizes: tuple[int, ...]
    losses: Array
    spreads: Array
    single: float
    rate: float

    @property
    def law(self) -> Array:
        """What theory says of each size (sizes,)."""
        return self.expected(np.array(self.sizes))

    def expected(self, sizes: Array) -> Array:
        """σ/√M · √((N − M)/(N − 1)) for batches of M of N rows, drawn without replacement."""
        rows = self.sizes[-1]
        return np.asarray(self.single * np.sqrt((rows - sizes) / (sizes * (rows - 1))))

    def __repr__(self) -> str:
        return f"GradientNoise(batches of {', '.join(map(str, self.sizes))})"

    def picture(self) -> Any:
        """Both, side by side; see `glassnet.view.noise`."""
        return HOOKS["noise"](self)

    def _repr_svg_(self) -> str | None:
        """Notebooks show the picture."""
        drawn: str | None = self.picture()._repr_svg_() if "noise" in HOOKS else None
        return drawn


def gradient_noise(
    model: Module,
    data: Data,
    loss: Loss | None = None,
    *,
    sizes: Sequence[int] = (1, 8, 64),
    lr: float = 0.1,
    steps: int = 60,
    samples: int = 64,
    seed: int = 0,
    engine: str = "native",
) -> GradientNoise:
    """Gradient descent beside stochastic gradient descent: θ ← θ − η · 1/M Σ ∇lᵢ for several M.

    Copies of the model go down from the same start with the same rate, each with batches of its own
    size, drawn without replacement, and one with all rows at once. The gradient of a batch is right
    on average; how far single ones lie off falls with the root of their size.

    Args:
        model: stays as it is.
        data: a data set, or a pair (inputs, targets); of more than 4,096 rows the first ones.
        loss: as for `fit`.
        sizes: rows of the batches, growing.
        lr: the learning rate of plain SGD.
        steps: of each descent.
        samples: gradients of each size that the spread is measured by.
        seed: of parameters that have no numbers yet, and of the batches.
        engine: "native" or "numpy".

    Raises:
        ArgumentError: sizes that do not grow, or are larger than the data.

    >>> import glassnet as gn
    >>> from glassnet import data, nn
    >>> model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    >>> found = gn.gradient_noise(model, data.moons(128, seed=0), sizes=(1, 16), engine="numpy")
    >>> found.sizes, bool(found.spreads[0] > 2 * found.spreads[1])
    ((1, 16, 128), True)
    """
    for count, name in ((steps, "steps"), (samples, "samples")):
        check_count(count, name)
    check_engine(engine)
    check_model(model)
    train, _ = datasets(model, data, loss, None, seed)
    train = train.subset(slice(0, MOST_ROWS))
    rows = len(train)
    if not sizes or list(sizes) != sorted({*sizes}) or not 1 <= sizes[0] <= sizes[-1] < rows:
        raise ArgumentError(
            "batches of growing size are compared",
            expected=f"sizes from 1 to {rows - 1}, each larger than the one before",
            received=f"sizes={sizes!r}",
        )
    trial = _Trial(work_for(copy.deepcopy(model), train, loss, optim.SGD(lr=lr), (), seed), engine)
    whole = trial.gradient(np.arange(rows))
    spreads = [trial.spread(size, samples, seed, whole) for size in sizes]
    single = trial.spread(1, max(samples, 256), seed + 1, whole)
    everything = (*map(int, sizes), rows)
    curves = [trial.descent(size, steps, seed) for size in everything]
    return GradientNoise(everything, np.array(curves), np.array([*spreads, 0.0]), single, lr)


class _Trial:
    """Gradients and descents of one model, each compiled once for a size of batch."""

    def __init__(self, work: Work, engine: str) -> None:
        self.work = work
        self.parameters = [p for p in work.step.model.parameters() if p.requires_grad]
        self.start = [p.numpy().copy() for p in self.parameters]
        self.gradients = compile(self._gradients, engine=engine)
        self.judge = compile(self._judge, engine=engine)

    def _gradients(self, *batch: Tensor) -> list[Tensor]:
        step = self.work.step
        [(loss, _)] = step.forward(step.generator, *batch)
        loss.backward()
        found = [p.grad for p in self.parameters if p.grad is not None]
        for parameter in self.parameters:
            parameter.grad = None
        return found

    def _judge(self, *batch: Tensor) -> Tensor:
        return self.work.judged_loss(*batch)[0]

    def gradient(self, rows: Array) -> list[Array]:
        """∇ of the mean loss over these rows, parameter by parameter."""
        return [g.numpy() for g in self.gradients(*self.work.dataset.batch(rows))]

    def spread(self, size: int, samples: int, seed: int, whole: list[Array]) -> float:
        """√(mean ‖g − ∇L‖²) / ‖∇L‖ over batches of this size."""
        count, squares = len(self.work.dataset), []
        for rows in _endless(count, size, samples, seed):
            pairs = zip(self.gradient(rows), whole, strict=True)
            squares.append(sum(float(((g - mean) ** 2).sum()) for g, mean in pairs))
        norm = np.sqrt(sum(float((mean.astype(np.float64) ** 2).sum()) for mean in whole))
        return float(np.sqrt(np.mean(squares)) / norm)

    def descent(self, size: int, steps: int, seed: int) -> list[float]:
        """The loss of all rows at the start and after each step of this many rows."""
        everything = self.work.dataset.batch(np.arange(len(self.work.dataset)))
        found = [self.judge(*everything).item()]
        for rows in _endless(len(self.work.dataset), size, steps, seed):
            for parameter, gradient in zip(self.parameters, self.gradient(rows), strict=True):
                parameter.grad = Tensor(gradient)
            self.work.step.optimizer.step()
            self.work.step.optimizer.zero_grad()
            found.append(self.judge(*everything).item())
        for parameter, before in zip(self.parameters, self.start, strict=True):
            parameter.array = before.copy()
        return found


def _endless(count: int, size: int, wanted: int, seed: int) -> list[Array]:
    """So many whole batches, epoch after epoch."""
    found: list[Array] = []
    epoch = 0
    while len(found) < wanted:
        epoch += 1
        dealt = batches(count, size, seed=seed, epoch=epoch)
        found += [rows for rows in dealt if len(rows) == size]
    return found[:wanted]
