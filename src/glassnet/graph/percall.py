"""Tracing a whole function: what is written down instead of computed, and what the host adds.

While a tracer is active, every operation is written into its program, also one on tensors from
outside alone: a parameter or a momentum may be updated between calls, so nothing that depends on
it can be computed once and for all.

Some numbers change from call to call: learning rates, bias corrections, random keys. Eagerly,
`per_call(f)` is `f()`. While traced, the numbers become inputs of the program, and `f` runs on the
host before every call.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ..engines import Recorder

Values = dict[str, Any]


class Tracer(Recorder, ABC):
    """A recorder that every operation writes to while a function is traced."""

    @abstractmethod
    def per_call(self, function: Callable[[], Values]) -> Values:
        """Inputs in the place of the values that `function` gives at every call."""


TRACER: ContextVar[Tracer | None] = ContextVar("tracer", default=None)


def per_call(function: Callable[[], Values]) -> Values:
    """The named numbers or arrays that `function` gives anew at every call.

    >>> per_call(lambda: {"lr": 0.1})
    {'lr': 0.1}
    """
    tracer = TRACER.get()
    return function() if tracer is None else tracer.per_call(function)
