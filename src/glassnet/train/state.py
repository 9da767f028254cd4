"""Everything that training changes, by name: kept, put back, written to a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..tensor import Tensor
from .step import Step

Array = np.ndarray[Any, Any]
MODEL, OPTIMIZER, AVERAGE = "model", "optimizer", "average"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Copies of the numbers: arrays by name, such as `model/0.weight`, and counters."""

    arrays: Mapping[str, Array]
    counters: Mapping[str, int]


class State:
    """What a step changes: parameters, the optimiser's state, the average, and where they stand."""

    def __init__(self, step: Step) -> None:
        self.step = step

    def snapshot(self) -> Snapshot:
        """Copies of everything as it is now."""
        arrays = {name: tensor.numpy().copy() for name, tensor in self._tensors().items()}
        counters = {"optimizer": self.step.optimizer.steps, "generator": self.step.generator.step}
        if self.step.average is not None:
            counters["average"] = self.step.average.steps
        return Snapshot(arrays, counters)

    def restore(self, snapshot: Snapshot) -> None:
        """Puts everything back as it was; tensors stay the same tensors."""
        self._fit_optimizer(snapshot)
        for name, tensor in self._tensors().items():
            tensor.array = snapshot.arrays[name].copy()
        self.step.optimizer.steps = snapshot.counters["optimizer"]
        self.step.generator.step = snapshot.counters["generator"]
        if self.step.average is not None:
            self.step.average.steps = snapshot.counters["average"]

    def _tensors(self) -> dict[str, Tensor]:
        step = self.step
        found = {f"{MODEL}/{name}": p for name, p in step.model.named_parameters().items()}
        for name, kept in step.optimizer.state.items():
            found |= {f"{OPTIMIZER}/{name}/{key}": tensor for key, tensor in kept.items()}
        if step.average is not None:
            found |= {f"{AVERAGE}/{name}": t for name, t in step.average.tensors.items()}
        return found

    def _fit_optimizer(self, snapshot: Snapshot) -> None:
        """Lets the optimiser keep what it kept then: nothing yet, or a tensor where it has none."""
        names = [name.split("/", 1)[1] for name in snapshot.arrays if name.startswith(OPTIMIZER)]
        known = self.step.optimizer.state
        wanted = {name.rpartition("/")[0] for name in names}
        for name in [name for name in known if name not in wanted]:
            del known[name]
        for name in names:
            owner, _, key = name.rpartition("/")
            array = snapshot.arrays[f"{OPTIMIZER}/{name}"]
            known.setdefault(owner, {}).setdefault(key, Tensor(array))
