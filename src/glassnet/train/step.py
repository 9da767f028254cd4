"""One training step, in order: the whole flow of learning in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .. import ops
from ..graph import TRACER, per_call
from ..nn import Module
from ..nn.context import is_watched
from ..optim import Optimizer
from ..tensor import Generator, Tensor
from .accumulation import accumulate
from .average import Average

Batch = Sequence[Tensor]  # inputs, targets and lengths, if any


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
        loss, outputs = self._learn(*batch)  # leaves a gradient at every parameter
        if self.check is not None:
            self.check(loss, *batch)
        self.optimizer.step()  # clips the gradients and updates the parameters
        self.optimizer.zero_grad()
        if self.average is not None:
            self.average.update()
        return loss, outputs

    def forward(self, generator: Generator, *batch: Tensor) -> Iterator[tuple[Tensor, Any]]:
        """Loss and outputs of each part, one after the other; the losses add up to the batch's."""
        starts = self._starts(batch)
        return self._parts(starts, _keys(generator, len(starts)), batch)

    def _starts(self, batch: Batch) -> range:
        """The first row of each part."""
        rows = len(batch[0])
        return range(0, rows, self.part or rows)

    def _learn(self, *batch: Tensor) -> tuple[Tensor, Any]:
        """Forward and backward, part by part; where that is compiled, equal parts are one loop."""
        starts = self._starts(batch)
        keys = _keys(self.generator, len(starts))
        losses: list[Tensor] = []
        found: list[Any] = []
        equal = len(batch[0]) // starts.step
        if equal > 1 and TRACER.get() is not None and not is_watched():
            rows = [x[: equal * starts.step].reshape((equal, -1, *x.shape[1:])) for x in batch]
            forward = partial(self._part, batch)
            loss, outputs = accumulate(forward, self.model.parameters(), [keys[:equal], *rows])
            losses, found, starts = [loss], [outputs], starts[equal:]
        for loss, outputs in self._parts(starts, keys, batch):
            loss.backward(accumulate=bool(losses))
            losses.append(loss)
            found.append(outputs)
        return sum(losses[1:], losses[0]), _joined(found)

    def _parts(self, starts: range, keys: Tensor, batch: Batch) -> Iterator[tuple[Tensor, Any]]:
        """The parts that begin at these rows."""
        for start in starts:
            rows = [x[start : start + starts.step] for x in batch]
            yield self._part(batch, keys[start // starts.step], *rows)

    def _part(
        self, batch: Batch, key: Tensor, inputs: Tensor, targets: Tensor, *lengths: Tensor
    ) -> tuple[Tensor, Any]:
        """What some rows of a batch add to its loss, and their outputs."""
        told = dict(zip(["lengths"], lengths, strict=False))
        varied = inputs if self.augment is None else self.augment(inputs, key)
        outputs = self.model(self.prepare(varied), training=True, generator=key, **told)
        loss = self.loss(outputs, targets, **told)
        if len(inputs) == len(batch[0]):
            return loss, outputs
        if not (lengths and self.by_step):
            return loss * (len(inputs) / len(batch[0])), outputs
        steps, of_all = (x.astype(self.model.dtype).sum() for x in (lengths[0], batch[2]))
        return loss * (steps / of_all), outputs


def _keys(generator: Generator, count: int) -> Tensor:
    """A key for each part, from which everything random in it follows: (parts, 3)."""
    found = per_call(
        lambda: {"keys": np.stack([generator.next_key(i) for i in range(count)])},
        lambda calls: generator.advance(calls * count),
        many=lambda calls: {"keys": generator.next_keys(calls * count).reshape(calls, count, 3)},
    )["keys"]
    return found if isinstance(found, Tensor) else Tensor(found)


def _joined(parts: list[Any]) -> Any:
    """The outputs of all parts, one below the other."""
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], tuple | list):
        return tuple(map(_joined, map(list, zip(*parts, strict=True))))
    return ops.concat(*parts, axis=0)
