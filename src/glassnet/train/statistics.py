"""How weights, gradients, updates and activations went while a network learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engines.description import SUMMARY
from ..errors import ArgumentError, did_you_mean

if TYPE_CHECKING:
    from .findings import Finding

Array = np.ndarray[Any, Any]
Key = tuple[str, str]  # kind and name
Measured = tuple[str, str, int]  # kind, name, and for an activation how many units it has
KINDS = ("weight", "gradient", "update", "activation")
BINS = 32


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One tensor, reading by reading.

    Attributes:
        size: how many values it has (readings,).
        low: the lowest of them (readings,).
        high: the highest (readings,).
        mean: (readings,).
        rms: the root of the mean square (readings,).
        zeros: the share that is exactly 0 (readings,).
        counts: values in equal bins from `low` to `high` (readings, bins).
        units: of an activation, the lowest and highest output of each unit over the batch
            (readings, 2, units).
    """

    size: Array
    low: Array
    high: Array
    mean: Array
    rms: Array
    zeros: Array
    counts: Array
    units: Array | None = None

    @property
    def norm(self) -> Array:
        """√Σx² (readings,)."""
        return np.asarray(self.rms * np.sqrt(self.size))

    def edges(self, reading: int) -> Array:
        """The ends of the bins of one reading (bins + 1,)."""
        return np.linspace(self.low[reading], self.high[reading], self.counts.shape[1] + 1)

    def below(self, reading: int, values: Array) -> Array:
        """The share of a reading that lies below each value, each bin filled evenly.

        >>> one = np.ones(1)
        >>> series = Series(4 * one, 0 * one, 2 * one, one, one, 0 * one, np.array([[3, 1]]))
        >>> series.below(0, np.array([0.0, 0.5, 1.0, 4.0])).tolist()
        [0.0, 0.375, 0.75, 1.0]
        """
        if not self.high[reading] > self.low[reading]:  # one value only
            return np.asarray(values > self.low[reading], np.float64)
        sums = np.concatenate([[0.0], np.cumsum(self.counts[reading], dtype=np.float64)])
        return np.asarray(np.interp(values, self.edges(reading), sums / sums[-1]))

    def still(self) -> Array:
        """Which units gave every row of the batch the same output (readings, units)."""
        if self.units is None:
            return np.zeros((len(self.low), 0), bool)
        return np.asarray(self.units[:, 0] == self.units[:, 1])


class Statistics:
    """What `fit(…, statistics=True)` measured, every so many steps.

    Names are those of parameters (`0.weight`) for weights, gradients and updates, and of layers
    (`1`) for activations. Weights, gradients and activations are those before the step's update; an
    update is what the step added to a weight.

    Args:
        layers: the kind of each layer by its path.
        shapes: of each parameter by its name.

    Attributes:
        layers: such as `{"1": "Tanh"}`.
        shapes: such as `{"0.weight": (8, 2)}`.

    >>> import glassnet as gn
    >>> from glassnet import data, nn
    >>> model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    >>> run = gn.fit(model, data.moons(100, seed=0), epochs=20, statistics=True, watch_every=10)
    >>> found = run.statistics
    >>> found.names("activation"), found.steps[:3].tolist(), found["gradient", "0.weight"].rms.shape
    (('0', '1', '2'), [1, 11, 21], (8,))
    """

    def __init__(self, layers: Mapping[str, str], shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.layers = dict(layers)
        self.shapes = {name: tuple(shape) for name, shape in shapes.items()}
        self._keys: list[Measured] = []
        self._steps: list[int] = []
        self._rows: list[Array] = []
        self._made: dict[Key, Series] = {}

    def keep(self, step: int, keys: Sequence[Measured], row: Array) -> None:
        """Notes a reading, as `Gauge.after` gave it; it is taken apart when somebody asks."""
        self._keys = list(keys)
        self._steps.append(step)
        self._rows.append(row)
        self._made.clear()
        self.__dict__.pop("findings", None)

    # -- read ------------------------------------------------------------------------------------
    def __len__(self) -> int:
        return len(self._steps)

    @property
    def steps(self) -> Array:
        """The numbers of the steps that were read, from 1 (readings,)."""
        return np.array(self._steps, np.int64)

    def names(self, kind: str) -> tuple[str, ...]:
        """What was measured of a kind, in the order of the network.

        Raises:
            ArgumentError: there is no such kind.
        """
        if kind not in KINDS:
            raise ArgumentError(
                f'nothing is measured of the kind "{kind}"', mend=did_you_mean(kind, KINDS)
            )
        known = [name for own, name, _ in self._keys if own == kind]
        order = list(self.layers if kind == "activation" else self.shapes)
        return tuple(sorted(known, key=order.index))

    @property
    def matrices(self) -> tuple[str, ...]:
        """The weights of two axes and more: those of layers, without biases and norms."""
        return tuple(name for name in self.names("weight") if len(self.shapes[name]) >= 2)

    def __getitem__(self, key: Key) -> Series:
        kind, name = key
        if name not in self.names(kind):
            raise ArgumentError(
                f'no {kind} of "{name}" was measured', mend=did_you_mean(name, self.names(kind))
            )
        if key not in self._made:
            self._made[key] = self._series(key)
        return self._made[key]

    def _series(self, key: Key) -> Series:
        width, place = SUMMARY + BINS, [own[:2] for own in self._keys].index(key)
        rows = np.stack(self._rows)
        numbers = rows[:, width * place : width * (place + 1)].astype(np.float64)
        ends, units = None, self._keys[place][2]
        if key[0] == "activation":
            start = width * len(self._keys) + 2 * sum(own[2] for own in self._keys[:place])
            ends = rows[:, start : start + 2 * units].reshape(-1, 2, units)
        size, low, high, mean, rms, zeros = numbers[:, :SUMMARY].T
        return Series(size, low, high, mean, rms, zeros, numbers[:, SUMMARY:], ends)

    def ratio(self, name: str) -> Array:
        """‖update‖ / ‖weight‖ of a parameter: by how much of itself a step changed it (readings,).

        About 0.001 is usual; 0 where the weight is 0.
        """
        change, weight = self["update", name].norm, self["weight", name].norm
        return np.divide(change, weight, out=np.zeros_like(change), where=weight > 0)

    @cached_property
    def findings(self) -> list[Finding]:
        """What is to say about them: dead units, vanishing and exploding gradients, and so on."""
        from .findings import findings_of

        return findings_of(self)

    # -- saved and read again --------------------------------------------------------------------
    def arrays(self) -> dict[str, Array]:
        """All readings as arrays, enough for `read` together with `facts`."""
        rows = np.stack(self._rows).astype(np.float32) if self._rows else np.zeros((0, 0), "f4")
        return {"steps": self.steps, "rows": rows}

    def facts(self) -> dict[str, Any]:
        """What the numbers of a reading are, as plain data."""
        return {"layers": self.layers, "shapes": self.shapes, "keys": self._keys}

    @staticmethod
    def read(arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> Statistics:
        """Statistics again, from what `arrays` and `facts` gave.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: they were not given by them.
        """
        found = Statistics(facts["layers"], facts["shapes"])
        found.load(arrays, facts)
        return found

    def load(self, arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> None:
        """Takes over the readings from which `arrays` and `facts` were made.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: they are none of this network.
        """
        keys = [(str(kind), str(name), int(units)) for kind, name, units in facts["keys"]]
        known = {kind: self.layers if kind == "activation" else self.shapes for kind in KINDS}
        strange = [key[:2] for key in keys if key[1] not in known.get(key[0], ())]
        width = sum(SUMMARY + BINS + 2 * units for _, _, units in keys)
        steps, rows = arrays["steps"], arrays["rows"]
        if strange or min((units for *_, units in keys), default=0) < 0:
            raise ValueError(f"readings of {strange or keys}, which the network does not have")
        if steps.shape != rows.shape[:1] or rows.shape[1:] != (width,):
            raise ValueError(f"{steps.shape} steps, readings {rows.shape} of {width} numbers")
        for step, row in zip(steps.tolist(), rows, strict=True):
            self.keep(int(step), keys, row)

    def __repr__(self) -> str:
        if not self._steps:
            return "Statistics(no reading yet)"
        return (
            f"Statistics({len(self)} readings of {len(self.names('weight'))} parameters and "
            f"{len(self.names('activation'))} layers, steps {self._steps[0]} to {self._steps[-1]})"
        )

    def __str__(self) -> str:
        return "\n".join(finding.text for finding in self.findings)
