"""One training step, in order: the whole flow of learning in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..nn import Module
from ..optim import Optimizer
from ..tensor import Generator, Tensor
from .reading import Loss


@dataclass(slots=True)
class Step:
    """A mini-batch in, a better model out: θ ← update(θ, 1/M · Σ ∂lᵢ/∂θ).

    Written with tensors alone, so that it runs eagerly as it stands and can be compiled.

    Attributes:
        model: what learns.
        loss: (outputs, targets) ↦ the number to make small.
        optimizer: bound to the model's parameters.
        generator: where dropout draws from.
        prepare: the stored inputs of a batch ↦ what the model receives; see `Dataset.prepare`.
        check: looks at the loss and the gradients before they are used; may raise.
    """

    model: Module
    loss: Loss
    optimizer: Optimizer
    generator: Generator
    prepare: Callable[[Tensor], Tensor] = lambda inputs: inputs
    check: Callable[[Tensor, Tensor, Tensor], None] | None = None

    def __call__(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs (M, …) and their targets ↦ the loss and the outputs, before the update."""
        inputs = self.prepare(inputs)  # floats, standardised
        outputs = self.model(inputs, training=True, generator=self.generator)  # forward
        loss = self.loss(outputs, targets)
        loss.backward()  # leaves a gradient at every parameter
        if self.check is not None:
            self.check(loss, inputs, targets)
        self.optimizer.step()  # clips the gradients and updates the parameters
        self.optimizer.zero_grad()
        return loss, outputs
