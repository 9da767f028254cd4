"""Tracing a whole function: what is written down instead of computed, and what the host adds.

While a tracer is active, every operation is written into its program, also one on tensors from
outside alone: a parameter or a momentum may be updated between calls, so nothing that depends on
it can be computed once and for all.

Some numbers change from call to call: learning rates, bias corrections, random keys. While traced
they become inputs of the program, which the host computes before every call.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..engines import Recorder
from ..tensor import HOOKS, Tensor

Values = dict[str, Any]
Many = Callable[[int], Values]


class Tracer(Recorder, ABC):
    """A recorder that every operation writes to while a function is traced."""

    @abstractmethod
    def per_call(
        self, values: Callable[[], Values], advance: Callable[[int], None], many: Many | None
    ) -> Values:
        """Inputs in the place of the values, which the host reads anew at every call."""


TRACER: ContextVar[Tracer | None] = ContextVar("tracer", default=None)
REPEATED: ContextVar[Iterator[Values] | None] = ContextVar("repeated", default=None)


@contextmanager
def repeating(values: Iterable[Values]) -> Iterator[None]:
    """Inside the block `per_call` gives these values, one after the other, and moves nothing on.

    So a call is done again with the numbers that the host gave it then.
    """
    token = REPEATED.set(iter(values))
    try:
        yield
    finally:
        REPEATED.reset(token)


def array_of(tensor: Tensor) -> Any:
    """The tensor's array; while a function is traced, the input that stands for it.

    Another tensor with this array is then the same input, and not one that happens to be equal.
    """
    tracer = TRACER.get()
    return tensor.array if tracer is None or tensor.is_symbolic else tracer.capture(tensor)


HOOKS["array"] = array_of


def per_call(
    values: Callable[[], Values], advance: Callable[[int], None], *, many: Many | None = None
) -> Values:
    """The named numbers or arrays that `values` gives anew at every call.

    Eagerly, the values are read and then `advance` is called. A trace only reads them, to learn
    their types; every call of the program made from it reads and advances.

    Args:
        values: reads the numbers of the call that comes next, and changes nothing.
        advance: moves on by so many calls.
        many: reads the numbers of so many calls at once, along a leading axis; a loop over many
            calls is spared reading them one by one.

    >>> from itertools import count
    >>> steps = count(1)
    >>> per_call(lambda: {"step": 1}, lambda calls: [next(steps) for _ in range(calls)])
    {'step': 1}
    >>> next(steps)
    2
    """
    tracer = TRACER.get()
    if tracer is not None:
        return tracer.per_call(values, advance, many)
    repeated = REPEATED.get()
    if repeated is not None:
        return next(repeated)
    found = values()
    advance(1)
    return found
