"""What a call of a model hands down to its layers beside the scope: streams and a watcher."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ..graph import SCOPE, Scope, per_call
from ..tensor import Generator, Tensor

if TYPE_CHECKING:
    from .module import Module

Watcher = Callable[["Module", str, Any], None]

_WATCHER: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
_DRAWS: ContextVar[dict[str, int] | None] = ContextVar("draws", default=None)
_CALLER: ContextVar[Module | None] = ContextVar("caller", default=None)


def path_of(module: Module) -> str:
    """The dotted path of a module that is about to run: its caller's, and its name in there."""
    caller = _CALLER.get()
    if caller is None:
        return SCOPE.get().path
    parts = caller.children().items()
    name = next((key for key, part in parts if part is module), None)
    if name is None:  # not directly in the caller, but deeper, or made on the spot
        parts = caller.named_modules().items()
        name = next((key for key, part in parts if part is module), type(module).__name__)
    return f"{SCOPE.get().path}.{name}".strip(".")


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Inside the block, every layer that ran is reported: `watcher(layer, path, output)`.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    >>> shapes = {}
    >>> with nn.watching(lambda layer, path, output: shapes.update({path: output.shape})):
    ...     out = model(gn.tensor([[1.0, 2.0]]))
    >>> shapes
    {'0': (1, 3), '1': (1, 3), '': (1, 3)}
    """
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def is_watched() -> bool:
    """Whether anybody looks at what the layers put out."""
    return _WATCHER.get() is not None


def report(layer: Module, path: str, output: Any) -> None:
    """Tells the watcher, if there is one."""
    watcher = _WATCHER.get()
    if watcher is not None:
        watcher(layer, path, output)


def key_of(source: Generator | Tensor) -> Tensor:
    """The generator's next key, which is then used up; or the key itself.

    In a trace it is an input of the program, for which the host draws anew at every call.
    """
    if isinstance(source, Tensor):
        return source
    key = per_call(lambda: {"key": source.next_key()}, source.advance)["key"]
    return key if isinstance(key, Tensor) else Tensor(key)


class Entered:
    """Inside the block, a module runs in a scope, and what it calls learns who calls it.

    A class and three variables set by hand, since this happens at every layer of every call.

    Args:
        module: what runs.
        scope: its path, mode and key.
        fresh: whether the key is new, so that random draws are counted from 0 again.
    """

    __slots__ = ("_tokens", "fresh", "module", "scope")

    def __init__(self, module: Module, scope: Scope, *, fresh: bool) -> None:
        self.module = module
        self.scope = scope
        self.fresh = fresh

    def __enter__(self) -> None:
        draws = _DRAWS.set({}) if self.fresh else None
        self._tokens = (SCOPE.set(self.scope), _CALLER.set(self.module), draws)

    def __exit__(self, *_: object) -> None:
        scope, caller, draws = self._tokens
        SCOPE.reset(scope)
        _CALLER.reset(caller)
        if draws is not None:
            _DRAWS.reset(draws)


def next_stream() -> int:
    """The stream of a layer's next random draw: its path, and how often it drew in this call.

    So a layer that is used twice in one call draws different numbers each time, and the same
    ones again when the call is repeated with the same key.
    """
    path = SCOPE.get().path
    draws = _DRAWS.get()
    if draws is None:
        return zlib.crc32(path.encode())
    count = draws.get(path, 0)
    draws[path] = count + 1
    return zlib.crc32(str(count).encode() if count else b"", zlib.crc32(path.encode()))
