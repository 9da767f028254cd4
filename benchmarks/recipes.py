"""Trainings from start to end, and how good each should become: the same recipe for everybody."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """AdamW (ε 1e-8), its rate rising linearly and then falling along half a cosine.

    Weight decay pulls matrices and kernels, and neither biases nor norms.

    Attributes:
        network: "lenet", "cnn", "lstm" (over the rows of an image), "gpt" (as nanoGPT has it) or
            "gpt-rotary" (with rotary positions).
        epochs: over the rows given.
        augmented: whether images are shifted by up to 2 pixels and turned by up to 10 degrees.
        goal: the accuracy to be reached; of a text the loss to stay below.
    """

    network: str
    title: str
    epochs: int
    batch: int
    lr: float
    goal: float
    augmented: bool = False
    warm: int = 50
    final: float = 0.0
    decay: float = 0.01
    beta2: float = 0.999
    clip: float | None = None
    dropout: float = 0.0

    @property
    def is_text(self) -> bool:
        return self.network.startswith("gpt")

    def steps(self, rows: int) -> int:
        return self.epochs * math.ceil(rows / self.batch)

    def rate(self, step: int, steps: int) -> float:
        """The learning rate of a step, counted from 0."""
        if step < self.warm:
            return self.lr * (step + 1) / (self.warm + 1)
        share = min((step - self.warm) / (steps - self.warm), 1.0)
        return self.final + 0.5 * (self.lr - self.final) * (1.0 + math.cos(math.pi * share))

    def json(self) -> dict[str, Any]:
        return asdict(self)


RECIPES = {
    recipe.network: recipe
    for recipe in (
        Recipe("lenet", "LeNet, images shifted and turned", 30, 64, 3e-3, 0.98, augmented=True),
        Recipe(
            "cnn", "CNN, images shifted and turned, dropout 0.4", 20, 64, 2e-3, 0.988,
            augmented=True, decay=0.05, dropout=0.4,
        ),
        Recipe("lstm", "LSTM 28→128 over the rows of an image", 30, 64, 4e-3, 0.97),
        *(
            Recipe(
                network,
                f"GPT, 4 layers, 4 heads, width 128, T = 64, {positions} positions, no bias",
                1, 12, 1e-3, 1.88, warm=100, final=1e-4, decay=0.1, beta2=0.99, clip=1.0,
            )
            for network, positions in (("gpt", "learned"), ("gpt-rotary", "rotary"))
        ),
    )
}  # fmt: skip
