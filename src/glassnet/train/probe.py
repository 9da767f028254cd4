"""Values and gradients watched while a network learns, in eager and in compiled runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..errors import ArgumentError, did_you_mean
from ..nn import prediction, watching
from ..tensor import Tensor
from .step import Step

Array = np.ndarray[Any, Any]
GRADIENT = ".grad"


class Probe:
    """Reads named values out of a training step: every so many steps, before the update.

    A name is a parameter (`0.weight`), a layer, whose output it stands for (`3`, or `` for the
    whole network), or one of them with `.grad`: the gradient of the loss by it. Of a layer that
    runs several times in a step it is the last time.

    Args:
        step: the training step.
        names: what to watch.
        every: read at the steps 1, 1 + every, 1 + 2·every, …

    Raises:
        ArgumentError: the network has no such parameter or layer.

    Attributes:
        records: for each name the step numbers and arrays read so far.
    """

    def __init__(self, step: Step, names: Iterable[str], every: int) -> None:
        self.step = step
        self.names = tuple(names)
        self.every = every
        self.records: dict[str, list[tuple[int, Array]]] = {name: [] for name in self.names}
        self._parameters = step.model.named_parameters()
        known = [*self._parameters, *step.model.named_modules()]
        for name in self.names:
            if name.removesuffix(GRADIENT) not in known:
                raise ArgumentError(
                    f'nothing in the network is called "{name}"',
                    mend=did_you_mean(name.removesuffix(GRADIENT), filter(None, known))
                    + f'; add "{GRADIENT}" for the gradient',
                )

    def distance(self, number: int) -> int:
        """How many steps after step `number`, counted from 1, the next one is that is read."""
        return (1 - number) % self.every

    def __call__(
        self, learn: Callable[[Tensor, Tensor], Any], inputs: Tensor, targets: Tensor
    ) -> tuple[Any, list[Tensor]]:
        """The result of what runs the step, and the watched values beside it."""
        outputs: dict[str, Tensor] = {}
        found: list[Tensor] = []
        before = self.step.check

        def read(loss: Tensor, inputs: Tensor, targets: Tensor) -> None:
            if before is not None:
                before(loss, inputs, targets)
            found.extend(self._read(name, outputs, loss) for name in self.names)

        self.step.check = read
        try:
            with watching(lambda _, path, output: outputs.update({path: prediction(output)})):
                result = learn(inputs, targets)
        finally:
            self.step.check = before
        return result, found

    def keep(self, number: int, values: Iterable[Array]) -> None:
        """Notes what was read at a step."""
        for name, array in zip(self.names, values, strict=True):
            self.records[name].append((number, np.array(array)))

    def _read(self, name: str, outputs: dict[str, Tensor], loss: Tensor) -> Tensor:
        plain = name.removesuffix(GRADIENT)
        tensor = self._parameters[plain] if plain in self._parameters else outputs.get(plain)
        if tensor is None:
            raise ArgumentError(f'the layer "{plain}" was not called in this step')
        if plain not in self._parameters and tensor.engine is not loss.engine:
            raise ArgumentError(
                f'the layer "{plain}" runs inside a scan, once for every step of a sequence',
                mend="watch what the scan gives back: let a layer of its own return it",
            )
        if plain == name:
            return tensor.detach()
        if tensor.grad is None:
            raise ArgumentError(f'no gradient reaches "{plain}"', mend="is it frozen?")
        return tensor.grad
