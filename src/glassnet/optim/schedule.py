"""Schedules: the learning rate as a function of the step, counted from 0.

Any function of the step is a schedule; these are the usual ones: `SGD(lr=Cosine(0.1, steps=500))`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ArgumentError

Rate = float | Callable[[int], float]


@dataclass(frozen=True)
class Constant:
    """lr at every step.

    >>> Constant(0.1)(500)
    0.1
    """

    lr: float

    def __post_init__(self) -> None:
        _check_positive(self, lr=self.lr)

    def __call__(self, step: int) -> float:
        return self.lr


@dataclass(frozen=True)
class StepDecay:
    """lr · γ^⌊step / every⌋: a stair that goes down by the factor γ.

    >>> [round(StepDecay(0.1, every=10)(step), 4) for step in (0, 9, 10, 25)]
    [0.1, 0.1, 0.01, 0.001]
    """

    lr: float
    every: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        _check_positive(self, lr=self.lr, every=self.every, gamma=self.gamma)

    def __call__(self, step: int) -> float:
        return float(self.lr * self.gamma ** (step // self.every))


@dataclass(frozen=True)
class Cosine:
    """final + ½(lr − final)(1 + cos(π · step/steps)), then `final`: half a cosine downwards.

    Source: Loshchilov and Hutter, "SGDR", 2017.

    >>> [round(Cosine(0.1, steps=10)(step), 4) for step in (0, 5, 10, 20)]
    [0.1, 0.05, 0.0, 0.0]
    """

    lr: float
    steps: int
    final: float = 0.0

    def __post_init__(self) -> None:
        _check_positive(self, lr=self.lr, steps=self.steps)
        _check_share(self, "final / lr", self.final / self.lr)

    def __call__(self, step: int) -> float:
        return _cosine(self.lr, self.final, step / self.steps)


@dataclass(frozen=True)
class Polynomial:
    """final + (lr − final)(1 − step/steps)^power, then `final`; a straight line for power 1.

    >>> [round(Polynomial(0.1, steps=10)(step), 4) for step in (0, 5, 10, 20)]
    [0.1, 0.05, 0.0, 0.0]
    """

    lr: float
    steps: int
    power: float = 1.0
    final: float = 0.0

    def __post_init__(self) -> None:
        _check_positive(self, lr=self.lr, steps=self.steps, power=self.power)
        _check_share(self, "final / lr", self.final / self.lr)

    def __call__(self, step: int) -> float:
        left = 1.0 - min(step / self.steps, 1.0)
        return float(self.final + (self.lr - self.final) * left**self.power)


@dataclass(frozen=True)
class WarmUp:
    """A share of the learning rate that grows linearly from `start` to 1 in the first `steps`.

    Args:
        then: what follows: a learning rate, or a schedule, which counts from the warm-up's end.
        steps: length of the warm-up.
        start: the share at step 0.

    >>> [round(WarmUp(0.1, steps=4, start=0.2)(step), 3) for step in (0, 1, 2, 4, 9)]
    [0.02, 0.04, 0.06, 0.1, 0.1]
    """

    then: Rate
    steps: int
    start: float = 0.1

    def __post_init__(self) -> None:
        if not callable(self.then):
            _check_positive(self, then=self.then)
        _check_positive(self, steps=self.steps)
        _check_share(self, "start", self.start)

    def __call__(self, step: int) -> float:
        later = max(step - self.steps, 0)
        lr = self.then(later) if callable(self.then) else self.then
        share = self.start + (1.0 - self.start) * min(step / self.steps, 1.0)
        return lr * share


@dataclass(frozen=True)
class OneCycle:
    """Up from lr/div to lr and down to lr/(div · final_div), both along half a cosine.

    Source: Smith and Topin, "Super-convergence", 2018, as PyTorch writes it; the momentum stays
    as it is.

    Args:
        lr: the peak.
        steps: of the whole cycle; afterwards the rate stays at its lowest.
        rise: the share of the steps that leads up.
        div: the start is lr / div.
        final_div: the end is this many times below the start.

    >>> cycle = OneCycle(1.0, steps=10)
    >>> [round(cycle(step), 4) for step in (0, 2, 9)]
    [0.04, 1.0, 0.0]
    """

    lr: float
    steps: int
    rise: float = 0.3
    div: float = 25.0
    final_div: float = 1e4

    def __post_init__(self) -> None:
        _check_positive(self, lr=self.lr, steps=self.steps, div=self.div, final_div=self.final_div)
        _check_share(self, "rise", self.rise)

    def __call__(self, step: int) -> float:
        start, top, last = self.lr / self.div, self.rise * self.steps - 1.0, self.steps - 1.0
        if step <= top:
            return _cosine(start, self.lr, step / top if top else 1.0)
        share = (step - top) / (last - top) if last > top else 1.0
        return _cosine(self.lr, start / self.final_div, share)


def _cosine(begin: float, end: float, share: float) -> float:
    """From `begin` at 0 to `end` at 1 along half a cosine, and no further."""
    return end + 0.5 * (begin - end) * (1.0 + math.cos(math.pi * min(share, 1.0)))


def _check_positive(schedule: Any, **settings: Any) -> None:
    for name, value in settings.items():
        if not (isinstance(value, int | float) and 0.0 < value < math.inf):
            raise ArgumentError(
                f"{type(schedule).__name__} needs a positive {name}",
                expected=f"{name} > 0",
                received=f"{name}={value!r}",
            )


def _check_share(schedule: Any, name: str, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise ArgumentError(
            f"{type(schedule).__name__} needs a share",
            expected=f"0 ≤ {name} ≤ 1",
            received=f"{name} = {value!r}",
        )
