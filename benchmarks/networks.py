"""Rows of deeper networks: convolutional, residual, recurrent, Transformer."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from glassnet.nn import Module

    from .material import Material

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class NetworkRow:
    """A benchmark row: float32, cross-entropy, forward + backward + update.

    Attributes:
        network: its name in `NETWORKS`.
        batch: rows a step.
        optimizer: "adam" (β 0.9 and 0.999, ε 1e-8) or "momentum" (SGD with 0.9).
        data: "images", "colours", "sequences" or "text".
    """

    name: str
    network: str
    batch: int
    optimizer: str
    lr: float
    data: str

    @property
    def flop(self) -> int:
        """Floating-point operations of the products of one step.

        Forward, weight gradient and input gradient are 2 a multiplication each; the first layer
        needs no input gradient. Element by element work is not counted.
        """
        first, *others = NETWORKS[self.network].multiplications
        return 2 * self.batch * (2 * first + 3 * sum(others))

    @property
    def title(self) -> str:
        return f"{NETWORKS[self.network].title}, batch {self.batch}, {self.optimizer}"

    def json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Network:
    """What a network is called in tables, and the multiplications of each layer for one row."""

    title: str
    multiplications: tuple[int, ...]


def _conv(side: int, kernel: int, inner: int, outer: int) -> int:
    return side**2 * kernel**2 * inner * outer


def _resnet() -> tuple[int, ...]:
    found, inner = [_conv(32, 3, 3, 16)], 16
    for side, outer in ((32, 16), (16, 32), (8, 64)):
        found += [_conv(side, 3, inner, outer), _conv(side, 3, outer, outer)]
        if inner != outer:
            found.append(_conv(side, 1, inner, outer))
        inner = outer
    return (*found, 64 * 10)


def _gpt(
    layers: int = 4, width: int = 128, time: int = 64, vocabulary: int = 65
) -> tuple[int, ...]:
    block = 12 * width**2 * time + 2 * time**2 * width
    return (0, *[block] * layers, time * width * vocabulary)


NETWORKS = {
    "lenet": Network(
        "28×28×1, conv5 6, pool, conv5 16, pool, 400-120-84-10",
        (_conv(28, 5, 1, 6), _conv(10, 5, 6, 16), 400 * 120, 120 * 84, 84 * 10),
    ),
    "cnn": Network(
        "28×28×1, conv3 32, conv3 64, pool, 9216-128-10",
        (_conv(26, 3, 1, 32), _conv(24, 3, 32, 64), 9216 * 128, 128 * 10),
    ),
    "resnet": Network("CIFAR-style ResNet-8, 32×32×3", _resnet()),
    "lstm": Network(
        "LSTM 64→128, T = 50, last state → 10", (50 * 64 * 512, 50 * 128 * 512, 128 * 10)
    ),
    "gpt": Network("GPT, 4 layers, 4 heads, width 128, T = 64, vocabulary 65", _gpt()),
}
NETWORK_ROWS = {
    row.name: row
    for row in (
        NetworkRow("lenet", "lenet", 64, "adam", 1e-3, "images"),
        NetworkRow("cnn", "cnn", 64, "adam", 1e-3, "images"),
        NetworkRow("resnet", "resnet", 32, "momentum", 0.01, "colours"),
        NetworkRow("lstm", "lstm", 32, "adam", 1e-3, "sequences"),
        NetworkRow("gpt", "gpt", 12, "adam", 1e-3, "text"),
    )
}


def build(network: str) -> Module:
    """The network as glassnet has it, its numbers drawn."""
    from glassnet import models

    made: dict[str, Any] = {
        "lenet": models.lenet,
        "cnn": models.cnn,
        "resnet": lambda: models.resnet(8),
        "lstm": lambda: models.lstm_classifier(64, 10),
        "gpt": lambda: models.gpt(65, 64),
    }
    model: Module = made[network]()
    return model.initialise(0)


def initial(row: NetworkRow) -> dict[str, Array]:
    """The initial parameters by glassnet's names: convolutions (out, height, width, in)."""
    return {name: p.numpy() for name, p in build(row.network).named_parameters().items()}


def exact_losses(material: Material, steps: int) -> Array:
    """The losses of the first steps in float64, on glassnet's reference engine."""
    from .contestants.glassnet_network import GlassnetNetwork

    exact = GlassnetNetwork(material, threads=1, dtype="float64")
    return np.array([exact.eager(rows) for rows in material.order(steps)])


def data(row: NetworkRow, mnist: Path, rng: np.random.Generator) -> tuple[Array, Array, str]:
    """Inputs, labels, and where they come from."""
    match row.data:
        case "images":
            from .material import images_of

            inputs, labels, source = images_of(mnist, rng)
            return inputs.reshape(-1, 28, 28, 1), labels, source
        case "colours":
            made = rng.normal(size=(2048, 32, 32, 3)).astype(np.float32)
            return made, rng.integers(0, 10, len(made)), "synthetic, 2,048 images"
        case "sequences":
            made = rng.normal(size=(2048, 50, 64)).astype(np.float32)
            return made, rng.integers(0, 10, len(made)), "synthetic, 2,048 sequences"
    path = mnist.parent / "tinyshakespeare.txt"
    if not path.exists():
        return *_windows(rng.integers(0, 65, 20000)), "synthetic, 20,000 tokens"
    text = np.frombuffer(path.read_bytes(), np.uint8)
    return *_windows(np.unique(text, return_inverse=True)[1]), f"{path.stem}, every 64th window"


def _windows(tokens: Array, length: int = 64) -> tuple[Array, Array]:
    rows = math.floor((len(tokens) - 1) / length)
    parts = (tokens[i : i + rows * length].reshape(rows, length) for i in (0, 1))
    inputs, labels = (np.ascontiguousarray(part, np.int64) for part in parts)
    return inputs, labels
