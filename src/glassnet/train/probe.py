"""Values and gradients watched while a network learns, in eager and in compiled runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, did_you_mean
from ..nn import prediction, watching
from ..tensor import Tensor
from .gauge import Gauge
from .statistics import Statistics
from .step import Step

Array = np.ndarray[Any, Any]
GRADIENT = ".grad"
WATCHED, MEASURED = "watched", "statistics"


class Probe:
    """Reads named values out of a training step: every so many steps, before the update.

    A name is a parameter (`0.weight`), a layer, whose output it stands for (`3`, or `` for the
    whole network), or one of them with `.grad`: the gradient of the loss by it. Of a layer that
    runs several times in a step it is the last time.

    Args:
        step: the training step.
        names: what to watch.
        every: read at the steps 1, 1 + every, 1 + 2·every, …
        gauge: measures all parameters and layers as well, where it is given.
        rows: of a whole batch; the smaller one at the end of an epoch is not measured.

    Raises:
        ArgumentError: the network has no such parameter or layer.

    Attributes:
        records: for each name the step numbers and arrays read so far.
        statistics: what the gauge has measured so far.
    """

    def __init__(
        self,
        step: Step,
        names: Iterable[str],
        every: int,
        gauge: Gauge | None = None,
        rows: int = 0,
    ) -> None:
        self.step = step
        self.names = tuple(names)
        self.every = every
        self.gauge = gauge
        self.records: dict[str, list[tuple[int, Array]]] = {name: [] for name in self.names}
        self.statistics: Statistics | None = None if gauge is None else gauge.statistics()
        self.rows = rows
        self._parameters = step.model.named_parameters()
        known = [*self._parameters, *step.model.named_modules()]
        for name in self.names:
            if name.removesuffix(GRADIENT) not in known:
                raise ArgumentError(
                    f'nothing in the network is called "{name}"',
                    mend=did_you_mean(name.removesuffix(GRADIENT), filter(None, known))
                    + f'; add "{GRADIENT}" for the gradient',
                )

    def reads_among(self, first: int, steps: int, rows: int) -> range:
        """Which of so many steps from step `first` on, of so many rows, are read."""
        if not (self.names or self._measures(rows)):
            return range(0)
        return range(first + (1 - first) % self.every, first + steps, self.every)

    def reads(self, number: int, rows: int) -> bool:
        """Whether it reads step `number`, counted from 1, of so many rows."""
        return bool(self.reads_among(number, 1, rows))

    def _measures(self, rows: int) -> bool:
        return self.gauge is not None and rows == self.rows

    def __call__(
        self, learn: Callable[..., list[Tensor]], *batch: Tensor
    ) -> tuple[list[Tensor], list[Tensor]]:
        """The result of what runs the step, and the watched values beside it."""
        outputs: dict[str, Tensor] = {}
        found: list[Tensor] = []
        before = self.step.check
        gauge = self.gauge if self._measures(len(batch[0])) else None

        def read(loss: Tensor, *batch: Tensor) -> None:
            if before is not None:
                before(loss, *batch)
            found.extend(self._read(name, outputs, loss) for name in self.names)
            if gauge is not None:
                gauge.before(outputs, loss)

        self.step.check = read
        try:
            with watching(lambda _, path, output: outputs.update({path: prediction(output)})):
                result = learn(*batch)
        finally:
            self.step.check = before
        if gauge is not None:
            found.append(gauge.after())
        return result, found

    def keep(self, number: int, values: Sequence[Array]) -> None:
        """Notes what was read at a step."""
        for name, array in zip(self.names, values, strict=False):
            self.records[name].append((number, np.array(array)))
        if self.gauge is not None and self.statistics is not None and len(values) > len(self.names):
            self.statistics.keep(number, self.gauge.keys, values[-1])

    # -- saved and resumed -----------------------------------------------------------------------
    def saved(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """What was read so far: arrays by name, and the rest as plain data."""
        arrays = {
            f"{WATCHED}/{step}/{name}": array
            for name, read in self.records.items()
            for step, array in read
        }
        if self.statistics is None:
            return arrays, {}
        measured = {f"{MEASURED}/{name}": a for name, a in self.statistics.arrays().items()}
        return arrays | measured, {MEASURED: self.statistics.facts()}

    def load(self, arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> None:
        """Takes over what was read before, as far as it is still asked for."""
        for name, array in arrays.items():
            part, _, rest = name.partition("/")
            step, _, watched = rest.partition("/")
            if part == WATCHED and watched in self.records:
                self.records[watched].append((int(step), array))
        for read in self.records.values():
            read.sort(key=lambda pair: pair[0])
        if self.statistics is not None and MEASURED in facts:
            rows = {name: arrays[f"{MEASURED}/{name}"] for name in ("steps", "rows")}
            self.statistics.load(rows, facts[MEASURED])

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
