"""How each built-in data set is best trained, unless the command says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a training.

    Attributes:
        hidden: widths of the hidden layers.
        activation: between them.
        optimizer: its name.
        lr: the learning rate at the start; it falls to 0 along a cosine.
        epochs: passes over the data; 0 for as many as make some two thousand steps.
        batch: rows a step.
        smoothing: of the labels, for classification.
        patience: epochs without a better one on the rows held out, after which the training ends;
            None for all epochs.
        keep_best: whether the weights of the best epoch are kept, and not the last ones.
    """

    hidden: tuple[int, ...]
    activation: str = "tanh"
    optimizer: str = "adam"
    lr: float = 0.01
    epochs: int = 40
    batch: int = 32
    smoothing: float = 0.0
    patience: int | None = None
    keep_best: bool = False

    def changed(self, chosen: Mapping[str, Any], rows: int) -> Recipe:
        """The recipe with what was chosen in place of its own; for so many rows to learn from."""
        recipe = replace(self, **{name: x for name, x in chosen.items() if x is not None})
        if recipe.epochs or chosen["epochs"] is not None:
            return recipe
        some = round(SOME_STEPS * self.batch / rows)
        return replace(recipe, epochs=max(1, min(50, some)))


LENET = Recipe((), optimizer="adam", lr=0.002, epochs=10, batch=64)
RECIPES: dict[str, Recipe] = {
    "circles": Recipe((16,)),
    "digits": Recipe((128, 64), "relu", "adamw", lr=0.003, epochs=40, smoothing=0.1),
    "fashion-mnist": LENET,
    "gaussians": Recipe((), epochs=20),
    "hills": Recipe((32, 32), epochs=60),
    "iris": Recipe((16,), lr=0.005, epochs=80),
    "mnist": LENET,
    "moons": Recipe((16, 16)),
    "plane": Recipe((), epochs=30),
    "spiral": Recipe((32, 32), epochs=60),
    "xor": Recipe((16,)),
}
# For data that comes from files, by the network that learns it.
USUAL: dict[str, Recipe] = {
    "cnn": Recipe((), optimizer="adam", lr=0.001, epochs=6, batch=64),
    "gpt": Recipe((), optimizer="adamw", lr=0.001, epochs=0, patience=3, keep_best=True),
    "lenet": LENET,
    "mlp": Recipe((64, 32)),
    "resnet": Recipe((), optimizer="adamw", lr=0.005, epochs=20),
}
SOME_STEPS = 2000  # of a training whose recipe names no epochs
