"""The types of number a tensor may hold, and which two become when they meet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..errors import DTypeError

DType = np.dtype[Any]

bool_: DType = np.dtype(np.bool_)
uint8: DType = np.dtype(np.uint8)
uint32: DType = np.dtype(np.uint32)
int32: DType = np.dtype(np.int32)
int64: DType = np.dtype(np.int64)
float32: DType = np.dtype(np.float32)
float64: DType = np.dtype(np.float64)

# In the order of promotion: of two types the later one wins, except two floats of different size.
SUPPORTED: tuple[DType, ...] = (bool_, uint8, uint32, int32, int64, float32, float64)
_RANK = {dtype: rank for rank, dtype in enumerate(SUPPORTED)}


def check_dtype(dtype: Any) -> DType:
    """The NumPy dtype, if it is one a tensor can hold; DTypeError otherwise.

    >>> check_dtype("float32")
    dtype('float32')
    """
    found: DType = np.dtype(dtype)
    if found not in _RANK:
        raise DTypeError(
            f"a tensor cannot hold {found}",
            expected=", ".join(map(str, SUPPORTED)),
            received=str(found),
            mend="convert it first, for example array.astype('float32')",
        )
    return found


def is_float(dtype: DType) -> bool:
    """Whether gradients can flow through this type."""
    return bool(dtype.kind == "f")


def promote(dtypes: Iterable[DType]) -> DType:
    """The type in which values of these types are combined.

    Integers and booleans give way to the float they meet. float32 and float64 do not mix: a
    silent step to float64 halves the speed and a silent step down loses digits.

    >>> promote([int64, float32])
    dtype('float32')
    """
    distinct = set(dtypes)
    if float32 in distinct and float64 in distinct:
        raise DTypeError(
            "float32 and float64 do not mix",
            expected="one float type",
            received="a float32 tensor and a float64 tensor",
            mend='say which you want: x.astype("float32") or x.astype("float64")',
        )
    return max(distinct, key=_RANK.__getitem__)
