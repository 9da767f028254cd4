"""What is measured of a step's weights, gradients, updates and activations, inside the step.

All of it is written in tensor operations, so that a compiled loop measures by itself and hands over
a few dozen numbers for each tensor instead of the tensor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from .. import ops
from ..graph import no_grad
from ..nn import Flatten, Module
from ..tensor import Tensor, float32, int64
from ..tensor.dtypes import is_float
from .statistics import BINS, Measured, Statistics

SAMPLE = 2048  # values of a tensor that its histogram counts; of more, some spread evenly
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
        self._before: dict[str, Tensor] = {}

    def statistics(self) -> Statistics:
        """An empty record for what it measures."""
        kinds = {path: type(layer).__name__ for path, layer in self.layers.items()}
        return Statistics(kinds, {name: p.shape for name, p in self.parameters.items()})

    def before(self, outputs: Mapping[str, Tensor], loss: Tensor) -> None:
        """Measures the outputs of the layers, the weights and their gradients."""
        self.keys, self._found = [], []
        with no_grad():
            for path, output in self._deepest(outputs, loss):
                self._take("activation", path, output.detach())
            for name, parameter in self.parameters.items():
                if parameter.grad is not None:
                    self._before[name] = parameter.detach()
                    self._take("weight", name, self._before[name])
                    self._take("gradient", name, parameter.grad)

    def after(self) -> Tensor:
        """Measures how the weights have changed; everything that was measured in this step.

        All in one row of numbers, for a call of native code has its price for every array: for each
        key the summary and the counts (SUMMARY + BINS,), and for an activation the lowest and the
        highest output of each unit (2, units).
        """
        with no_grad():
            for name, before in self._before.items():
                self._take("update", name, self.parameters[name].detach() - before)
            row = ops.concat(*(found.reshape(-1) for found in self._found), axis=0)
        self._found, self._before = [], {}
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

    def _take(self, kind: str, name: str, tensor: Tensor) -> None:
        numbers, columns = measured(tensor)
        active = kind == "activation"
        self.keys.append((kind, name, columns.shape[1] if active else 0))
        self._found += [numbers, columns] if active else [numbers]


def measured(tensor: Tensor) -> tuple[Tensor, Tensor]:
    """Size, lowest, highest, mean, root mean square, share of zeros; then counts: (6 + BINS,)

    The counts are of equal bins from the lowest to the highest value, as `numpy.histogram` has
    them; of a tensor of more than SAMPLE values they are of so many, evenly spread.

    Returns:
        These, and the lowest and the highest value of each column (2, columns).

    >>> import glassnet as gn
    >>> found, columns = measured(gn.tensor([[0.0, 1.0], [1.0, 4.0]]))
    >>> found.numpy()[:4].tolist(), round(found[4].item(), 4), found[5].item()
    ([4.0, 0.0, 4.0, 1.5], 2.1213, 0.25)
    >>> found[6:].sum().item(), columns.numpy().tolist()
    (4.0, [[0.0, 1.0], [1.0, 4.0]])
    """
    x = tensor.astype(float32)
    x = x.reshape(-1, 1) if x.ndim < 2 else x
    # Column by column first, all in one pass: along many short rows a compiled loop is fast so.
    rows = tuple(range(x.ndim - 1))
    low, high = x.min(axis=rows), x.max(axis=rows)
    sums = (y.sum(axis=rows).sum() for y in (x, x * x, (x == 0.0).astype(float32)))
    size = Tensor(x.engine.full(shape=(), value=float(x.size), dtype=float32))
    mean, square, zeros = (total / size for total in sums)
    ends = low.min(), high.max()
    summary = ops.stack([size, *ends, mean, ops.sqrt(square), zeros])
    counts = _counts(spread(x.reshape(-1)), *ends)
    return ops.concat(summary, counts, axis=0), ops.stack([low, high])


def spread(x: Tensor) -> Tensor:
    """At most SAMPLE of the values (n,), at a distance that shares no factor with n.

    So they do not all fall into one channel or one row of a picture.
    """
    size = len(x)
    if size <= SAMPLE:
        return x
    distance = -(-size // SAMPLE)
    while math.gcd(distance, size) > 1:
        distance += 1
    return x[::distance]


def _counts(x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """How many values lie in each of the bins (BINS,)."""
    width = ops.where(high > low, high - low, 1.0)
    place = ops.minimum(ops.floor((x - low) * (BINS / width)), float(BINS - 1)).astype(int64)
    one = Tensor(x.engine.full(shape=x.shape, value=1.0, dtype=float32))
    return ops.scatter_add(place, one, length=BINS)
