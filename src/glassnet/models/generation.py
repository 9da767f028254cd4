"""Text, or any tokens, written by a network that predicts the next one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..graph import no_grad
from ..tensor import Generator, Seed, Tensor, as_tensor, float64, generator
from .gpt import GPT

Array = np.ndarray[Any, Any]


def generate(
    model: GPT,
    prompt: Any,
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: Seed = 0,
) -> Array:
    """The prompt and the tokens that follow it, one after the other drawn from softmax(logits / t)

    Keys and values are kept from token to token as long as everything fits into the model's
    context; from there on it sees the last tokens alone.

    Args:
        model: predicts the next token, such as `models.gpt` makes.
        prompt: (T,) integers, at least one.
        length: how many tokens to write.
        temperature: t; below 1 likely tokens become likelier, and 0 takes the likeliest always.
        top_k: only the k likeliest tokens are drawn from; all when left out.
        seed: of the draws.

    Returns:
        (T + length,) tokens.

    Raises:
        ArgumentError: a negative temperature, a length or top_k below 1.
        ShapeError: a prompt that is no sequence of tokens.

    >>> from glassnet import models
    >>> model = models.gpt(10, 8, layers=1, heads=1, width=8)
    >>> models.generate(model, [1, 2, 3], 6).shape
    (9,)
    """
    if not temperature >= 0.0:
        raise ArgumentError("a temperature is 0 or more", received=f"{temperature=}")
    if length < 1 or (top_k is not None and top_k < 1):
        raise ArgumentError(
            "generate draws at least one token, from at least one",
            received=f"{length=}, {top_k=}",
        )
    tokens: Array = as_tensor(prompt).numpy()
    if tokens.ndim != 1 or not tokens.size:
        raise ShapeError(
            "a prompt is a sequence of tokens", expected="(T,), T ≥ 1", received=f"{tokens.shape}"
        )
    rng, cache, new = generator(seed), (), tokens[-model.context :]
    with no_grad():
        for _ in range(length):
            if len(tokens) > model.context:  # positions move on: nothing kept fits any more
                new, cache = tokens[-model.context :], ()
            logits, cache = model(Tensor(new[None]), cache=cache)
            new = _drawn(logits.numpy()[0, -1], temperature, top_k, rng)
            tokens = np.append(tokens, new)
    return tokens


def _drawn(logits: Array, temperature: float, top_k: int | None, rng: Generator) -> Array:
    """One token (1,), drawn by its probability."""
    if temperature == 0.0:
        return np.array([logits.argmax()])
    scaled = logits.astype(np.float64) / temperature
    if top_k is not None and top_k < len(scaled):
        scaled[scaled < np.partition(scaled, -top_k)[-top_k]] = -np.inf
    shares = np.cumsum(np.exp(scaled - scaled.max()))
    point = rng.uniform((), 0.0, float(shares[-1]), float64)
    return np.array([np.searchsorted(shares, point, "right")])
