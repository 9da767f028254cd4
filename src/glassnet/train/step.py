"""One training step, in order: the whole flow of learning in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..nn import Module
from ..nn.context import key_of
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
        generator: where dropout and augmentation draw from.
        prepare: the stored inputs of a batch ↦ what the model receives; see `Dataset.prepare`.
        augment: (stored inputs, key) ↦ the same inputs, varied; see `data.Augmentation`.
        check: looks at the loss and the gradients before they are used; may raise.
    """

    model: Module
    loss: Loss
    optimizer: Optimizer
    generator: Generator
    prepare: Callable[[Tensor], Tensor] = lambda inputs: inputs
    augment: Callable[[Tensor, Tensor], Tensor] | None = None
    check: Callable[[Tensor, Tensor, Tensor], None] | None = None

    def __call__(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs (M, …) and their targets ↦ the loss and the outputs, before the update."""
        outputs = self.outputs(inputs, self.generator)  # forward
        loss = self.loss(outputs, targets)
        loss.backward()  # leaves a gradient at every parameter
        if self.check is not None:
            self.check(loss, inputs, targets)
        self.optimizer.step()  # clips the gradients and updates the parameters
        self.optimizer.zero_grad()
        return loss, outputs

    def outputs(self, inputs: Tensor, generator: Generator) -> Tensor:
        """What the model makes of a batch in training; everything random follows from one key."""
        key = key_of(generator)
        if self.augment is not None:
            inputs = self.augment(inputs, key)
        inputs = self.prepare(inputs)  # floats, standardised
        outputs: Tensor = self.model(inputs, training=True, generator=key)
        return outputs
