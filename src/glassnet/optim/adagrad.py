"""Adagrad and RMSprop: each element has a learning rate of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..ops import maximum, sqrt
from ..tensor import Tensor
from .optimizer import Numbers, Optimizer, Rate, State, Steps, check_number, zeros_like


@dataclass(eq=False, kw_only=True)
class Adagrad(Optimizer):
    """p ← p − lr · g / (√s + ε) with s ← s + g², the sum of all squares so far

    Weight decay adds λ·p to g. Source: Duchi et al., "Adaptive subgradient methods", 2011.

    Args:
        parameters: see `Optimizer`; likewise `lr`, `weight_decay`, `decays`, `clip_value`,
            `clip_norm`.
        lr_decay: the learning rate is divided by 1 + step · lr_decay.
        initial_accumulator_value: where s starts.
        eps: ε, keeps the division finite.

    >>> import glassnet as gn
    >>> from glassnet import optim
    >>> p = gn.tensor([1.0], requires_grad=True)
    >>> (p * p).sum().backward()
    >>> optim.Adagrad([p], lr=0.25).step()
    >>> p.numpy().tolist()
    [0.75]
    """

    lr: Rate = 1e-2
    lr_decay: float = 0.0
    initial_accumulator_value: float = 0.0
    eps: float = 1e-10

    def check(self) -> None:
        super().check()
        for name in ("lr_decay", "initial_accumulator_value", "eps"):
            check_number(self, name, getattr(self, name))

    def init(self, parameter: Tensor) -> State:
        return {"sum": zeros_like(parameter, self.initial_accumulator_value)}

    def numbers(self, step: Steps) -> dict[str, Any]:
        return {"lr": self.rate(step) / (1.0 + step * self.lr_decay)}

    def apply(
        self, parameter: Tensor, gradient: Tensor, state: State, numbers: Numbers
    ) -> tuple[Tensor, State]:
        if decay := self.decay(parameter):
            gradient = gradient + parameter * decay
        total = state["sum"] + gradient * gradient
        update = gradient / (sqrt(total) + self.eps)
        return parameter - update * numbers["lr"], {"sum": total}


@dataclass(eq=False, kw_only=True)
class RMSprop(Optimizer):
    """p ← p − lr · g / (√s + ε) with s ← αs + (1 − α)g², the running mean of the squares

    Centred, the mean of g squared is taken off s; with momentum, v ← μv + g/(√s + ε) is the step.
    Weight decay adds λ·p to g.

    Source: Hinton, lecture 6e of "Neural networks for machine learning", 2012; centred by
    Graves, 2013.

    Args:
        parameters: see `Optimizer`; likewise `lr`, `weight_decay`, `decays`, `clip_value`,
            `clip_norm`.
        alpha: α, how slowly the mean forgets.
        eps: ε, keeps the division finite.
        momentum: μ.
        centered: divide by the standard deviation of g, and not by its root mean square.

    >>> import glassnet as gn
    >>> from glassnet import optim
    >>> p = gn.tensor([1.0], requires_grad=True)
    >>> (p * p).sum().backward()
    >>> optim.RMSprop([p], lr=0.025).step()
    >>> p.numpy().round(3).tolist()
    [0.75]
    """

    lr: Rate = 1e-2
    alpha: float = 0.99
    eps: float = 1e-8
    momentum: float = 0.0
    centered: bool = False

    def check(self) -> None:
        super().check()
        check_number(self, "alpha", self.alpha, high=1.0)
        check_number(self, "eps", self.eps)
        check_number(self, "momentum", self.momentum)

    def init(self, parameter: Tensor) -> State:
        keys = ["square"] + ["mean"] * self.centered + ["velocity"] * bool(self.momentum)
        return {key: zeros_like(parameter) for key in keys}

    def apply(
        self, parameter: Tensor, gradient: Tensor, state: State, numbers: Numbers
    ) -> tuple[Tensor, State]:
        if decay := self.decay(parameter):
            gradient = gradient + parameter * decay
        square = state["square"] * self.alpha + gradient * gradient * (1.0 - self.alpha)
        kept = {"square": square}
        if self.centered:
            kept["mean"] = mean = state["mean"] * self.alpha + gradient * (1.0 - self.alpha)
            square = maximum(square - mean * mean, 0.0)  # rounding may leave less than 0
        update = gradient / (sqrt(square) + self.eps)
        if self.momentum:
            kept["velocity"] = update = state["velocity"] * self.momentum + update
        return parameter - update * numbers["lr"], kept
