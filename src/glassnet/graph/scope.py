"""Where in a network an operation runs, and in which mode: handed down with the call.

`model(x, training=True, generator=rng)` opens a scope; each layer called inside narrows its path.
So dropout learns whether it trains, and nodes and errors learn the layer they belong to, without
an argument in every `forward` and without a mode that outlives the call.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from ..tensor import Tensor


@dataclass(frozen=True, slots=True)
class Scope:
    """The layer that runs, whether it trains, and the key of its random numbers."""

    path: str = ""  # dotted, such as "2.attention"
    training: bool = False
    key: Tensor | None = None  # uint32 (seed low, seed high, step), for operations that draw
    backward: bool = False  # whether gradients are on their way back


SCOPE: ContextVar[Scope] = ContextVar("scope", default=Scope())  # noqa: B039 (it is frozen)
