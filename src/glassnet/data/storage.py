"""Where the numbers of an array lie: in memory of their own, or borrowed from elsewhere."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def is_borrowed(array: Array) -> bool:
    """Whether a copy would cost more memory than the array has taken: a map, or windows.

    >>> import numpy as np
    >>> text = np.arange(5)
    >>> windows = np.lib.stride_tricks.sliding_window_view(text, 3)
    >>> is_borrowed(text), is_borrowed(windows), is_borrowed(windows.copy())
    (False, True, False)
    """
    return is_mapped(array) or overlaps(array)


def is_mapped(array: Array) -> bool:
    """Whether the numbers lie in a file that is mapped into memory."""
    owner: Any = array
    while isinstance(owner, np.ndarray):
        if isinstance(owner, np.memmap):
            return True
        owner = owner.base
    return isinstance(owner, mmap.mmap)


def overlaps(array: Array) -> bool:
    """Whether a row shares numbers with the next one."""
    return array.ndim > 1 and len(array) > 1 and 0 < array.strides[0] < array[0].nbytes
