"""BETTER PARAMETERS: optimisers as pure formulas per parameter, schedules, clipping."""

from __future__ import annotations

from ..errors import ArgumentError, did_you_mean
from .adagrad import Adagrad, RMSprop
from .adam import Adam, AdamW
from .clip import clip_by_norm, clip_by_value, global_norm
from .lion import Lion
from .optimizer import Optimizer
from .schedule import Constant, Cosine, OneCycle, Polynomial, StepDecay, WarmUp
from .sgd import SGD, GradientDescent

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "adagrad": Adagrad,
    "adam": Adam,
    "adamw": AdamW,
    "gradient_descent": GradientDescent,
    "lion": Lion,
    "rmsprop": RMSprop,
    "sgd": SGD,
}


def get(name: str) -> type[Optimizer]:
    """The optimiser of that name.

    Raises:
        ArgumentError: there is none.

    >>> from glassnet import optim
    >>> optim.get("adam")(lr=0.01).lr
    0.01
    """
    if name not in OPTIMIZERS:
        raise ArgumentError(f'there is no optimizer "{name}"', mend=did_you_mean(name, OPTIMIZERS))
    return OPTIMIZERS[name]


__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Constant",
    "Cosine",
    "GradientDescent",
    "Lion",
    "OneCycle",
    "Optimizer",
    "Polynomial",
    "RMSprop",
    "StepDecay",
    "WarmUp",
    "clip_by_norm",
    "clip_by_value",
    "get",
    "global_norm",
]
