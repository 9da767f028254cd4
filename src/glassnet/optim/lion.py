"""Lion."""

from __future__ import annotations

from dataclasses import dataclass

from ..ops import sign
from ..tensor import Tensor
from .adam import check_betas
from .optimizer import Numbers, Optimizer, Rate, State, zeros_like


@dataclass(eq=False, kw_only=True)
class Lion(Optimizer):
    """p ← p − lr · (sign(β₁m + (1 − β₁)g) + λp), and then m ← β₂m + (1 − β₂)g

    Every element moves by ± lr, so that the learning rate is 3 to 10 times smaller than Adam's,
    and the weight decay as much larger.

    Source: Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2.

    Args:
        parameters: see `Optimizer`; likewise `lr`, `weight_decay`, `decays`, `clip_value`,
            `clip_norm`.
        betas: (β₁, β₂).

    >>> import glassnet as gn
    >>> from glassnet import optim
    >>> p = gn.tensor([1.0], requires_grad=True)
    >>> (p * p).sum().backward()
    >>> optim.Lion([p], lr=0.25).step()
    >>> p.numpy().tolist()
    [0.75]
    """

    lr: Rate = 1e-4
    betas: tuple[float, float] = (0.9, 0.99)

    def check(self) -> None:
        super().check()
        check_betas(self, self.betas)

    def init(self, parameter: Tensor) -> State:
        return {"mean": zeros_like(parameter)}

    def apply(
        self, parameter: Tensor, gradient: Tensor, state: State, numbers: Numbers
    ) -> tuple[Tensor, State]:
        now, later = self.betas
        update = sign(state["mean"] * now + gradient * (1.0 - now))
        if decay := self.decay(parameter):
            update = update + parameter * decay
        mean = state["mean"] * later + gradient * (1.0 - later)
        return parameter - update * numbers["lr"], {"mean": mean}
