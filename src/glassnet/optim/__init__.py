"""BETTER PARAMETERS: optimisers as pure formulas per parameter, schedules, clipping."""

from .adam import Adam, AdamW
from .clip import clip_by_norm, clip_by_value, global_norm
from .optimizer import Optimizer
from .sgd import SGD, GradientDescent

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "GradientDescent",
    "Optimizer",
    "clip_by_norm",
    "clip_by_value",
    "global_norm",
]
