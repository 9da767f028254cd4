"""Arguments and results taken apart into their tensors, and put together again.

Tuples, lists and dictionaries are looked into; tensors and NumPy arrays are the leaves; anything
else is static: it belongs to the layout and so to the signature of a compiled function.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .tensor import Tensor

LEAF = object()  # marks, in a layout, the place of the next leaf


def flatten(value: Any) -> tuple[list[Any], Any]:
    """The leaves in order, and the layout with a mark in the place of each.

    >>> leaves, layout = flatten({"a": [np.zeros(2), 3]})
    >>> len(leaves), rebuild(layout, ["x"])
    (1, {'a': ['x', 3]})
    """
    leaves: list[Any] = []
    return leaves, _take_apart(value, leaves)


def _take_apart(value: Any, leaves: list[Any]) -> Any:
    if isinstance(value, Tensor | np.ndarray):
        leaves.append(value)
        return LEAF
    if isinstance(value, tuple | list):
        return type(value)([_take_apart(item, leaves) for item in value])
    if isinstance(value, dict):
        return {key: _take_apart(item, leaves) for key, item in value.items()}
    return value


def rebuild(layout: Any, leaves: Sequence[Any]) -> Any:
    """The structure with new leaves in the places of the old."""
    return _put_together(layout, iter(leaves))


def _put_together(layout: Any, leaves: Iterator[Any]) -> Any:
    if layout is LEAF:
        return next(leaves)
    if isinstance(layout, tuple | list):
        return type(layout)([_put_together(item, leaves) for item in layout])
    if isinstance(layout, dict):
        return {key: _put_together(item, leaves) for key, item in layout.items()}
    return layout


def signature(layout: Any) -> Any:
    """A layout as a key of a dictionary; two calls of one signature share a program."""
    if layout is LEAF:
        return "leaf"
    if isinstance(layout, tuple | list):
        return (type(layout).__name__, *map(signature, layout))
    if isinstance(layout, dict):
        return ("dict", *((key, signature(item)) for key, item in layout.items()))
    try:
        hash(layout)
    except TypeError:
        return (type(layout).__name__, id(layout))
    return (type(layout).__name__, layout)
