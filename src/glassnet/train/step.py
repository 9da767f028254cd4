"""One training step, in order: the whole flow of learning in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .. import ops
from ..graph import per_call
from ..nn import Module
from ..optim import Optimizer
from ..tensor import Generator, Tensor
from .average import Average


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
        check: looks at the loss, the gradients and the batch before they are used; may raise.
        part: rows computed at once; more of them pass in parts, whose gradients are added up.
        average: a running mean of the weights, kept beside them.
        by_step: whether the loss is a mean over the steps of padded sequences, and not over rows.
    """

    model: Module
    loss: Callable[..., Tensor]
    optimizer: Optimizer
    generator: Generator
    prepare: Callable[[Tensor], Tensor] = lambda inputs: inputs
    augment: Callable[[Tensor, Tensor], Tensor] | None = None
    check: Callable[..., None] | None = None
    part: int | None = None
    average: Average | None = None
    by_step: bool = False

    def __call__(self, *batch: Tensor) -> tuple[Tensor, Any]:
        """Inputs (M, …), targets and lengths, if any ↦ loss and outputs before the update."""
        losses: list[Tensor] = []
        found: list[Any] = []
        for loss, outputs in self.forward(self.generator, *batch):
            loss.backward(accumulate=bool(losses))  # leaves a gradient at every parameter
            losses.append(loss)
            found.append(outputs)
        total = sum(losses[1:], losses[0])
        if self.check is not None:
            self.check(total, *batch)
        self.optimizer.step()  # clips the gradients and updates the parameters
        self.optimizer.zero_grad()
        if self.average is not None:
            self.average.update()
        return total, _joined(found)

    def forward(
        self, generator: Generator, inputs: Tensor, targets: Tensor, lengths: Tensor | None = None
    ) -> Iterator[tuple[Tensor, Any]]:
        """Loss and outputs of each part, one after the other; the losses add up to the batch's."""
        rows = len(inputs)
        starts = range(0, rows, self.part or rows)
        for start, key in zip(starts, _keys(generator, len(starts)), strict=True):
            own = slice(start, start + starts.step) if len(starts) > 1 else slice(None)
            batch = inputs[own]
            if self.augment is not None:
                batch = self.augment(batch, key)
            told = {} if lengths is None else {"lengths": lengths[own]}
            outputs = self.model(self.prepare(batch), training=True, generator=key, **told)
            loss = self.loss(outputs, targets[own], **told)
            if len(starts) > 1:
                loss = loss * self._share(len(batch) / rows, lengths, own)
            yield loss, outputs

    def _share(self, of_rows: float, lengths: Tensor | None, own: slice) -> Tensor | float:
        """How much of the batch's loss a part is: its share of the rows, or of their steps."""
        if lengths is None or not self.by_step:
            return of_rows
        steps = lengths.astype(self.model.dtype)
        return steps[own].sum() / steps.sum()


def _keys(generator: Generator, count: int) -> list[Tensor]:
    """A key for each part, from which everything random in it follows."""
    keys = per_call(
        lambda: {str(i): generator.next_key(i) for i in range(count)},
        lambda calls: generator.advance(calls * count),
    )
    return [key if isinstance(key, Tensor) else Tensor(key) for key in keys.values()]


def _joined(parts: list[Any]) -> Any:
    """The outputs of all parts, one below the other."""
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], tuple | list):
        return tuple(map(_joined, map(list, zip(*parts, strict=True))))
    return ops.concat(*parts, axis=0)
