"""How each built-in data set is best trained, unless the command says otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a training.

    Attributes:
        hidden: widths of the hidden layers.
        activation: between them.
        optimizer: its name.
        lr: the learning rate at the start; it falls to 0 along a cosine.
        epochs: passes over the data.
        batch: rows a step.
        smoothing: of the labels, for classification.
    """

    hidden: tuple[int, ...]
    activation: str = "tanh"
    optimizer: str = "adam"
    lr: float = 0.01
    epochs: int = 40
    batch: int = 32
    smoothing: float = 0.0


RECIPES: dict[str, Recipe] = {
    "circles": Recipe((16,)),
    "digits": Recipe((128, 64), "relu", "adamw", lr=0.003, epochs=40, smoothing=0.1),
    "gaussians": Recipe((), epochs=20),
    "hills": Recipe((32, 32), epochs=60),
    "iris": Recipe((16,), lr=0.005, epochs=80),
    "moons": Recipe((16, 16)),
    "plane": Recipe((), epochs=30),
    "spiral": Recipe((32, 32), epochs=60),
    "xor": Recipe((16,)),
}
USUAL = Recipe((64, 32))
