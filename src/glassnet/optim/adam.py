"""Adam and AdamW."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..ops import maximum, sqrt
from ..tensor import Tensor
from .optimizer import Numbers, Optimizer, Rate, State, Steps, check_number, zeros_like


@dataclass(eq=False, kw_only=True)
class Adam(Optimizer):
    """p ← p − lr · m̂ / (√v̂ + ε), m̂ and v̂ the running means of g and g², freed of their bias

    m ← β₁m + (1 − β₁)g and v ← β₂v + (1 − β₂)g²; m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ) at the
    t-th step. Weight decay adds λ·p to g.

    Source: Kingma and Ba, "Adam", 2015; `amsgrad` from Reddi et al., 2018.

    Args:
        parameters: see `Optimizer`; likewise `lr`, `weight_decay`, `decays`, `clip_value`,
            `clip_norm`.
        betas: (β₁, β₂), how slowly the means forget.
        eps: ε, keeps the division finite.
        amsgrad: divide by the largest v so far.

    >>> import glassnet as gn
    >>> from glassnet import optim
    >>> p = gn.tensor([1.0], requires_grad=True)
    >>> (p * p).sum().backward()
    >>> optim.Adam([p], lr=0.25).step()
    >>> p.numpy().round(5).tolist()
    [0.75]
    """

    lr: Rate = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    amsgrad: bool = False

    def check(self) -> None:
        super().check()
        check_betas(self, self.betas)
        check_number(self, "eps", self.eps)

    def init(self, parameter: Tensor) -> State:
        keys = ("mean", "square", "largest") if self.amsgrad else ("mean", "square")
        return {key: zeros_like(parameter) for key in keys}

    def numbers(self, step: Steps) -> dict[str, Any]:
        first, second = (1.0 - beta ** (step + 1) for beta in self.betas)
        lr = self.rate(step)
        pull = lr * self.weight_decay
        return {"size": lr / first, "spread": 1.0 / np.sqrt(second), "pull": pull}

    def apply(
        self, parameter: Tensor, gradient: Tensor, state: State, numbers: Numbers
    ) -> tuple[Tensor, State]:
        if decay := self.decay(parameter):
            gradient = gradient + parameter * decay
        return self.descend(parameter, gradient, state, numbers)

    def descend(
        self, parameter: Tensor, gradient: Tensor, state: State, numbers: Numbers
    ) -> tuple[Tensor, State]:
        """The formula without weight decay."""
        slow, slower = self.betas
        mean = state["mean"] * slow + gradient * (1.0 - slow)
        square = state["square"] * slower + gradient * gradient * (1.0 - slower)
        kept = {"mean": mean, "square": square}
        if self.amsgrad:
            kept["largest"] = square = maximum(state["largest"], square)
        root = sqrt(square) * numbers["spread"]
        return parameter - mean * numbers["size"] / (root + self.eps), kept


@dataclass(eq=False, kw_only=True)
class AdamW(Adam):
    """Adam with p ← (1 − lr·λ)·p first, in the place of λ·p added to g

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.

    Args:
        parameters: see `Optimizer`; the other settings are those of `Adam`.
        weight_decay: λ.

    >>> from glassnet import optim
    >>> optim.AdamW(lr=0.1).weight_decay
    0.01
    """

    weight_decay: float = 1e-2

    def apply(
        self, parameter: Tensor, gradient: Tensor, state: State, numbers: Numbers
    ) -> tuple[Tensor, State]:
        if self.decay(parameter):
            parameter = parameter - parameter * numbers["pull"]
        return self.descend(parameter, gradient, state, numbers)


def check_betas(optimizer: Optimizer, betas: Any) -> None:
    """ArgumentError unless these are two numbers from 0 to below 1."""
    if not isinstance(betas, tuple | list) or len(betas) != 2:
        raise ArgumentError(
            f"{type(optimizer).__name__} has two betas",
            expected="betas=(0.9, 0.999)",
            received=f"betas={betas!r}",
        )
    for position, beta in enumerate(betas):
        check_number(optimizer, f"betas[{position}]", beta, high=1.0)
