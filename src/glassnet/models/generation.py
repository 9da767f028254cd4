"""Text, or any tokens, written by a network that predicts the next one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, cast
from weakref import WeakKeyDictionary, ref

import numpy as np

from ..compilation import Compiled, compile
from ..errors import ArgumentError, ShapeError
from ..graph import no_grad
from ..tensor import Seed, Tensor, as_tensor, float64, generator
from .gpt import GPT

Array = np.ndarray[Any, Any]
MANY = 100  # calls of a small model that take about as long as compiling it
SOME = 6  # that take about as long as tracing it
LEAST = 64  # places


def generate(
    model: GPT,
    prompt: Any,
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: Seed = 0,
    engine: str = "native",
) -> Array:
    """The prompt and the tokens that follow it, one after the other drawn from softmax(logits / t)

    Keys and values are kept from token to token as long as everything fits into the model's
    context; from there on it sees the last tokens alone, and reads them all for each new one.

    Args:
        model: predicts the next token, such as `models.gpt` makes.
        prompt: (T,) integers, at least one.
        length: how many tokens to write.
        temperature: t; below 1 likely tokens become likelier, and 0 takes the likeliest always.
        top_k: only the k likeliest tokens are drawn from; all when left out.
        seed: of the draws.
        engine: "native" compiles what is done for each token, once there are many of them, in one
            text or in several; "numpy" does it on NumPy.

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
    points = generator(seed).uniform((length,), dtype=float64)
    written = np.concatenate([tokens, np.zeros(length, tokens.dtype)])
    reader = Reader(model, len(tokens), length, engine)
    with no_grad():
        for place, point in enumerate(points, len(tokens)):
            written[place] = _drawn(reader(written[:place]), temperature, top_k, point)
    return written


class Reader:
    """The scores (vocabulary,) of what follows tokens that grow by one from call to call.

    Args:
        model: what reads.
        start: how many tokens there are at first.
        calls: how many will be made.
        engine: of all calls but the first.
    """

    def __init__(self, model: GPT, start: int, calls: int, engine: str) -> None:
        self.model = model
        self.store: Any = ()  # keys and values of each layer, with room for what will come
        self.room = _room(start + calls - 1, model.context)
        kept = min(max(model.context - start, 0), calls - 1)  # calls that go on with the cache
        steps = Steps.of(model)
        self._step = steps.ready("one more", kept, engine)
        self._window = steps.ready("last ones", calls - 1 - kept, engine)

    def __call__(self, tokens: Array) -> Array:
        context, count = self.model.context, len(tokens)
        if count > context:  # positions move on: nothing kept fits any more
            scores: Tensor = self._window(Tensor(tokens[None, -context:]))
        elif self.store:
            newest, place = Tensor(tokens[None, -1:]), Tensor(np.array([count - 1]))
            scores, new = self._step(newest, place, self.store)
            self._keep(new, count - 1)
        else:
            logits, new = self.model(Tensor(tokens[None]), cache=())
            scores = logits[0, -1]
            self.store = tuple(tuple(map(self._stored, layer)) for layer in new)
            self._keep(new, 0)
        return scores.numpy()

    def _stored(self, new: Tensor) -> Tensor:
        """Zeros for as many keys or values as there is room for."""
        batch, heads, _, features = new.shape
        return Tensor(np.zeros((batch, heads, self.room, features), new.dtype))

    def _keep(self, new: Any, place: int) -> None:
        """Puts the keys and values of new tokens into the store, from this place on."""
        for layer, more in zip(self.store, new, strict=True):
            for old, one in zip(layer, more, strict=True):
                old.array[:, :, place : place + one.shape[2]] = one.array


class Steps:
    """What is done for each token, as programs that stay with the model for later texts.

    The functions hold the model weakly: programs know its parameters alone, and go with it.
    """

    _known: ClassVar[WeakKeyDictionary[GPT, Steps]] = WeakKeyDictionary()

    def __init__(self, model: GPT) -> None:
        self._model = ref(model)
        self._parameters = _identity(model)
        self._functions: dict[str, Callable[..., Any]] = {
            "one more": self._one_more,
            "last ones": self._last_ones,
        }
        self._compiled: dict[tuple[str, str], Compiled] = {}
        self._asked = dict.fromkeys(self._functions, 0)  # calls so far, of all texts

    @classmethod
    def of(cls, model: GPT) -> Steps:
        """Those of the model, new ones where it has other parameters than before."""
        known = cls._known.get(model)
        if known is None or known._parameters != _identity(model):
            known = cls._known[model] = cls(model)
        return known

    def ready(self, name: str, calls: int, engine: str) -> Callable[..., Any]:
        """The function: compiled where there are many calls, replayed on NumPy where some."""
        function = self._functions[name]
        fresh = compile(function, engine=engine)  # refuses what is no engine
        self._asked[name] += calls
        if (name, engine) in self._compiled or self._asked[name] >= MANY:
            return self._compiled.setdefault((name, engine), fresh)
        if calls < SOME:
            return function
        return self._compiled.setdefault((name, "numpy"), compile(function, engine="numpy"))

    @property
    def model(self) -> GPT:
        """The model, as long as somebody else holds it."""
        return cast(GPT, self._model())

    def _one_more(self, token: Tensor, place: Tensor, store: Any) -> Any:
        logits, new = self.model(token, cache=store, start=place)
        return logits[0, -1], new

    def _last_ones(self, tokens: Tensor) -> Tensor:
        logits: Tensor = self.model(tokens)
        return logits[0, -1]


def _identity(model: GPT) -> list[tuple[int, str]]:
    """What a program of the model depends on beside shapes."""
    return [(id(parameter), str(parameter.dtype)) for parameter in model.parameters()]


def _room(tokens: int, context: int) -> int:
    """Places for so many tokens: 2ⁿ or 1½ · 2ⁿ, so that few programs serve all texts."""
    most = 1 << max(tokens - 1, LEAST - 1).bit_length()
    return min(most if 4 * tokens > 3 * most else 3 * most // 4, context)


def _drawn(logits: Array, temperature: float, top_k: int | None, point: float) -> int:
    """One token, drawn by its probability with a point of [0, 1)."""
    if temperature == 0.0:
        return int(logits.argmax())
    scaled = logits.astype(np.float64) / temperature
    if top_k is not None and top_k < len(scaled):
        scaled[scaled < np.partition(scaled, -top_k)[-top_k]] = -np.inf
    shares = np.cumsum(np.exp(scaled - scaled.max()))
    return int(np.searchsorted(shares, point * shares[-1], "right"))
