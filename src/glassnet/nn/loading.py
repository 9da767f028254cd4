"""Numbers from elsewhere put into a model's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import DataError, DTypeError, ShapeError, did_you_mean
from ..tensor import as_tensor
from .parameter import Parameter


def load(parameters: Mapping[str, Parameter], values: Mapping[str, Any], *, strict: bool) -> None:
    """Checks all names and shapes, then takes the numbers over."""
    if strict:
        _check_names(parameters, values)
    arrays = {
        name: as_tensor(value).numpy() for name, value in values.items() if name in parameters
    }
    for name, array in arrays.items():
        if array.shape != parameters[name].shape:
            raise ShapeError(
                f'the value for "{name}" has another shape than the parameter',
                expected=f"{parameters[name].shape}",
                received=f"{array.shape}",
                mend="load it into the architecture it was saved from",
            )
        if array.dtype.kind not in "fiu":
            raise DTypeError(
                f'the value for "{name}" holds no numbers',
                expected=f"{parameters[name].dtype}",
                received=f"{array.dtype}",
            )
    for name, array in arrays.items():
        parameters[name].array = np.array(array, parameters[name].dtype)


def _check_names(parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> None:
    missing = [name for name in parameters if name not in values]
    unexpected = [name for name in values if name not in parameters]
    if missing or unexpected:
        parts = []
        if missing:
            parts.append(f"no value for {', '.join(missing)}")
        if unexpected:
            parts.append(f"no parameter for {', '.join(unexpected)}")
        hint = did_you_mean(unexpected[0], parameters) + "; " if unexpected else ""
        raise DataError(
            "the names of the values are not those of the parameters",
            expected=", ".join(parameters) or "no values",
            received="; ".join(parts),
            mend=f"{hint}strict=False takes over those that fit",
        )
