"""What a tensor can do that is defined above it.

A tensor's operators call operations, and `backward` calls the backwards loop, yet both stand
above the tensor in the order of imports. They put themselves into these tables as they load.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .tensor import Tensor

OPERATIONS: dict[str, Callable[..., Tensor]] = {}  # name → the operation; filled by ops
COMPOSED: dict[str, Callable[..., Tensor]] = {}  # name → a function made of operations; by ops
HOOKS: dict[str, Callable[..., Any]] = {}  # "backward" by autodiff, "notebook" by view


def in_notebook(thing: Any) -> str | None:
    """What a notebook shows for a thing, as HTML; None where pictures are not at hand."""
    show = HOOKS.get("notebook")
    return None if show is None else show(thing)
