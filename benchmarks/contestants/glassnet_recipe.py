"""glassnet trains a recipe by its own `fit`."""

from __future__ import annotations

from typing import Any

import numpy as np

import glassnet as gn
from glassnet import data, losses, models, nn, optim

from ..recipes import Recipe

Array = np.ndarray[Any, Any]


def build(recipe: Recipe, seed: int) -> nn.Module:
    """The network with its initial numbers, which every contestant starts from."""
    made: dict[str, Any] = {
        "lenet": models.lenet,
        "cnn": lambda: models.cnn(dropout=recipe.dropout),
        "lstm": lambda: models.lstm_classifier(28, 10),
        "gpt": lambda: models.gpt(65, 64, bias=False),
        "gpt-rotary": lambda: models.gpt(65, 64, bias=False, positions="rotary"),
    }
    model: nn.Module = made[recipe.network]()
    return model.initialise(seed)


def train(
    recipe: Recipe, inputs: Array, targets: Array, start: dict[str, Array], _threads: int, seed: int
) -> nn.Module:
    """The trained module; `fit` takes the cores that its process is pinned to."""
    model = build(recipe, seed).load_parameters(start)
    steps = recipe.steps(len(inputs))
    optimizer = optim.AdamW(
        lr=lambda step: recipe.rate(step, steps),
        betas=(0.9, recipe.beta2),
        weight_decay=recipe.decay,
        decays=lambda p: p.ndim >= 2,
        clip_norm=recipe.clip,
    )
    words = data.Vocabulary("".join(map(chr, range(65)))) if recipe.is_text else None
    gn.fit(
        model,
        data.Dataset(
            inputs, targets, vocabulary=words, classes=tuple(words.symbols) if words else ()
        ),
        losses.cross_entropy,
        optimizer,
        epochs=recipe.epochs,
        batch_size=recipe.batch,
        augment=data.Augmentation(data.Shift(2), data.Rotate(10)) if recipe.augmented else None,
        seed=seed,
        progress=False,
    )
    return model


def write(model: nn.Module, symbols: Array, seed: int) -> str:
    """400 characters after a new line, as the trained module goes on.

    Args:
        model: trained on numbers of symbols.
        symbols: the byte that each number stands for.
        seed: of the draws.
    """
    assert isinstance(model, models.GPT)
    first = np.flatnonzero(symbols == ord("\n"))
    tokens = models.generate(model, first, 400, temperature=0.8, seed=seed)
    return symbols[tokens[1:]].tobytes().decode("latin-1")


def judge(recipe: Recipe, model: nn.Module, inputs: Array, targets: Array) -> float:
    """The accuracy; of a text the mean loss."""
    right = total = 0.0
    with gn.no_grad():
        for at in range(0, len(inputs), 256):
            x, y = inputs[at : at + 256], targets[at : at + 256]
            logits = model(gn.Tensor(x))
            total += losses.cross_entropy(logits, gn.Tensor(y)).item() * len(x)
            right += float((logits.numpy().argmax(-1) == y).mean()) * len(x)
    return (total if recipe.is_text else right) / len(inputs)
