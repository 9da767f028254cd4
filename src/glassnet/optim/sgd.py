"""Gradient descent, stochastic or not, with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import ArgumentError
from ..tensor import Tensor
from .optimizer import Numbers, Optimizer, Rate, State, Steps, check_number, zeros_like


@dataclass(eq=False, kw_only=True)
class SGD(Optimizer):
    """p ← p − lr·v with v ← μ·v + g, and g + μ·v in the place of v with Nesterov's momentum

    Without momentum it is p ← p − lr·g. It is gradient descent where the gradient is that of all
    the data, and stochastic gradient descent where it is that of a mini-batch. Weight decay adds
    λ·p to g.

    Source: Sutskever et al., "On the importance of initialization and momentum", 2013, as
    PyTorch writes it.

    Args:
        parameters: see `Optimizer`; likewise `lr`, `weight_decay`, `decays`, `clip_value`,
            `clip_norm`.
        momentum: μ, the share of the last step that is kept.
        dampening: d: after the first step, v ← μ·v + (1 − d)·g.
        nesterov: whether to look ahead.

    >>> import glassnet as gn
    >>> from glassnet import optim
    >>> p = gn.tensor([1.0], requires_grad=True)
    >>> (p * p).sum().backward()
    >>> optim.SGD([p], lr=0.25).step()
    >>> p.numpy().tolist()
    [0.5]
    """

    lr: Rate = 1e-3
    momentum: float = 0.0
    dampening: float = 0.0
    nesterov: bool = False

    def check(self) -> None:
        super().check()
        check_number(self, "momentum", self.momentum)
        check_number(self, "dampening", self.dampening)
        if self.nesterov and (not self.momentum or self.dampening):
            raise ArgumentError(
                "Nesterov's momentum needs a momentum and no dampening",
                expected="momentum > 0, dampening = 0",
                received=f"momentum={self.momentum}, dampening={self.dampening}",
            )

    def init(self, parameter: Tensor) -> State:
        return {"velocity": zeros_like(parameter)} if self.momentum else {}

    def numbers(self, step: Steps) -> dict[str, Any]:
        return {"lr": self.rate(step), "share": 1.0 - self.dampening * (step > 0)}

    def apply(
        self, parameter: Tensor, gradient: Tensor, state: State, numbers: Numbers
    ) -> tuple[Tensor, State]:
        if decay := self.decay(parameter):
            gradient = gradient + parameter * decay
        if not self.momentum:
            return parameter - gradient * numbers["lr"], state
        fresh = gradient * numbers["share"] if self.dampening else gradient
        velocity = state["velocity"] * self.momentum + fresh
        direction = gradient + velocity * self.momentum if self.nesterov else velocity
        return parameter - direction * numbers["lr"], {"velocity": velocity}


GradientDescent = SGD
