"""What is written down while operations run: nodes for gradients, nothing, or everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum


class Recording(Enum):
    """Which operations leave a node behind."""

    NOTHING = "nothing"
    GRADIENTS = "gradients"  # those with an input that requires a gradient
    EVERYTHING = "everything"


# Holds for the current thread or task only, and only inside a `with` block or a call.
RECORDING: ContextVar[Recording] = ContextVar("recording", default=Recording.GRADIENTS)


@contextmanager
def recording(what: Recording) -> Iterator[None]:
    """Records as told inside the block, and as before after it."""
    token = RECORDING.set(what)
    try:
        yield
    finally:
        RECORDING.reset(token)


@contextmanager
def no_grad() -> Iterator[None]:
    """Computes without a graph: faster, and nothing is kept for `backward`.

    >>> import glassnet as gn
    >>> x = gn.tensor(3.0, requires_grad=True)
    >>> with gn.no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """
    with recording(Recording.NOTHING):
        yield
