"""Numbers that change from call to call: learning rates, bias corrections, random keys.

Eagerly, `per_call(f)` is `f()`. While a function is traced, the numbers must not be written into
the program as constants: they become inputs of it, and `f` runs on the host before every call.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

Values = dict[str, Any]

# What a tracer does instead of calling at once; None outside a trace.
PER_CALL: ContextVar[Callable[[Callable[[], Values]], Values] | None] = ContextVar(
    "per_call", default=None
)


def per_call(function: Callable[[], Values]) -> Values:
    """The named numbers or arrays that `function` gives anew at every call.

    >>> per_call(lambda: {"lr": 0.1})
    {'lr': 0.1}
    """
    traced = PER_CALL.get()
    return function() if traced is None else traced(function)
