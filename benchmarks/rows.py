"""What is trained: a network, its batch and its optimiser, and the arithmetic of one step."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from .networks import NETWORK_ROWS, NetworkRow


@dataclass(frozen=True)
class Row:
    """A benchmark row: float32, cross-entropy, forward + backward + update.

    Attributes:
        widths: of all layers, from inputs to classes.
        activation: "tanh" or "relu", between the layers.
        optimizer: "sgd" (plain) or "adam" (β 0.9 and 0.999, ε 1e-8, bias-corrected).
        data: "spiral", "digits" or "mnist".
    """

    name: str
    widths: tuple[int, ...]
    activation: str
    batch: int
    optimizer: str
    lr: float
    data: str

    @property
    def layers(self) -> list[tuple[int, int]]:
        """(inputs, outputs) of each layer."""
        return list(pairwise(self.widths))

    @property
    def parameters(self) -> int:
        return sum(i * o + o for i, o in self.layers)

    @property
    def flop(self) -> int:
        """Floating-point operations of the products of one step.

        Forward, weight gradient and input gradient are 2·batch·in·out each; the first layer needs
        no input gradient. Element by element work is not counted.
        """
        sizes = [i * o for i, o in self.layers]
        return 2 * self.batch * (3 * sum(sizes) - sizes[0])

    @property
    def title(self) -> str:
        widths = "-".join(map(str, self.widths))
        return f"{widths} {self.activation}, batch {self.batch}, {self.optimizer}"

    def json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> Row:
        return Row(**{**values, "widths": tuple(values["widths"])})


POINTS = Row("points", (2, 16, 16, 2), "tanh", 32, "sgd", 0.1, "spiral")
SMALL = Row("small", (64, 128, 128, 10), "relu", 32, "adam", 1e-3, "digits")
MLP = Row("mlp", (784, 512, 512, 10), "relu", 128, "adam", 1e-3, "mnist")
WIDE = Row("wide", (784, 2048, 2048, 10), "relu", 256, "adam", 1e-3, "mnist")
ROWS: dict[str, Row] = {row.name: row for row in (POINTS, SMALL, MLP, WIDE)}
AnyRow = Row | NetworkRow
ALL_ROWS: dict[str, AnyRow] = {**ROWS, **NETWORK_ROWS}


def from_json(values: dict[str, Any]) -> AnyRow:
    """The row of either kind that `json` wrote down."""
    return NetworkRow(**values) if "network" in values else Row.from_json(values)
