"""What is measured of a step's weights, gradients, updates and activations, inside the step.

All of it is written in tensor operations, so that a compiled loop measures by itself and hands over
a few dozen numbers for each tensor instead of the tensor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .. import ops
from ..graph import no_grad
from ..nn import Flatten, Module
from ..tensor import Tensor, float32
from ..tensor.dtypes import is_float
from .statistics import BINS, Measured, Statistics

SAMPLE = 1024  # values of a tensor that its histogram counts, spread evenly
LEFT_OUT = (Flatten,)  # layers that only rearrange what the one before them put out


class Gauge:
    """Measures one training step: before its update, and after it.

    Args:
        model: what learns.

    Attributes:
        keys: kind, name and number of units of what was measured, once a step has run.
    """

    def __init__(self, model: Module) -> None:
        self.parameters = {n: p for n, p in model.named_parameters().items() if p.requires_grad}
        self.layers = model.named_modules()
        self.keys: list[Measured] = []
        self._found: list[Tensor] = []
        self._units: list[Tensor] = []
        self._before: dict[str, Tensor] = {}

    def statistics(self) -> Statistics:
        """An empty record for what it measures."""
        kinds = {path: type(layer).__name__ for path, layer in self.layers.items()}
        return Statistics(kinds, {name: p.shape for name, p in self.parameters.items()})

    def before(self, outputs: Mapping[str, Tensor], loss: Tensor) -> None:
        """Looks at the outputs of the layers, the weights and their gradients."""
        self.keys, self._found, self._units, self._before = [], [], [], {}
        with no_grad():
            for path, output in self._deepest(outputs, loss):
                self._found.append(output.detach())
                self._units += ends(self._found[-1])
                self.keys.append(("activation", path, self._units[-1].size))
            for name, parameter in self.parameters.items():
                if parameter.grad is not None:
                    self._before[name] = parameter.detach()
                    self._found += [self._before[name], parameter.grad]
                    self.keys += [("weight", name, 0), ("gradient", name, 0)]

    def after(self) -> Tensor:
        """Looks at how the weights have changed; everything that was measured in this step.

        All in one row of numbers, for a call of native code has its price for every array: for each
        key the summary and the counts (SUMMARY + BINS,); then for each activation the lowest and
        the highest output of each unit (2, units).
        """
        with no_grad():
            for name, before in self._before.items():
                self._found.append(self.parameters[name].detach() - before)
                self.keys.append(("update", name, 0))
            measured = [described(self._found)] if self._found else []
            row = ops.concat(*(x.reshape(-1) for x in [*measured, *self._units]), axis=0)
        self._found, self._units, self._before = [], [], {}
        return row

    def _deepest(self, outputs: Mapping[str, Tensor], loss: Tensor) -> Iterator[tuple[str, Tensor]]:
        """The layers that are made of no others of which there is an output."""
        seen = {
            path: output
            for path, output in outputs.items()
            if output.engine is loss.engine and is_float(output.dtype) and output.ndim >= 2
            and not isinstance(self.layers.get(path), LEFT_OUT)
        }  # fmt: skip
        for path, output in seen.items():
            inside = f"{path}." if path else ""
            if not any(other != path and other.startswith(inside) for other in seen):
                yield path, output


def described(tensors: Sequence[Tensor]) -> Tensor:
    """Each of them in a row of numbers (tensors, SUMMARY + BINS), as `engines.description` has it.

    >>> import glassnet as gn
    >>> [row] = described([gn.tensor([[0.0, 1.0], [1.0, 4.0]])]).numpy()
    >>> row[:4].tolist(), round(float(row[4]), 4), row[5].item(), row[6:].sum().item()
    ([4.0, 0.0, 4.0, 1.5], 2.1213, 0.25, 4.0)
    """
    arrays = [tensor.astype(float32).array for tensor in tensors]
    return Tensor(tensors[0].engine.describe(*arrays, bins=BINS, sample=SAMPLE))


def ends(output: Tensor) -> list[Tensor]:
    """The lowest and the highest output of each unit over the batch, (units,) each."""
    x = output.astype(float32)
    rows = tuple(range(x.ndim - 1))
    return [x.min(axis=rows), x.max(axis=rows)]
