"""Which loop runs the steps: compiled by default, eager on request."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import ArgumentError, did_you_mean
from .native import NativeRunner
from .runner import EagerRunner, Runner
from .work import Work

ENGINES: dict[str, Callable[[Work], Runner]] = {"native": NativeRunner, "numpy": EagerRunner}


def check_engine(engine: str) -> None:
    """ArgumentError unless there is such an engine."""
    if engine not in ENGINES:
        raise ArgumentError(f'no engine "{engine}"', mend=did_you_mean(engine, ENGINES))
