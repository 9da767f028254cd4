"""A module's architecture as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ArgumentError

if TYPE_CHECKING:
    from .module import Module


def configuration(module: Module) -> dict[str, Any]:
    """`{"class": …, "arguments": {…}}`, and "replaced" for fields assigned after construction."""
    name = type(module).__name__
    config: dict[str, Any] = {
        "class": name,
        "arguments": {
            key: plain(value, f"{name}({key}=…)") for key, value in module.arguments().items()
        },
    }
    replaced = {
        field: plain(getattr(module, field), f"{name}.{field}")
        for field in sorted(module._replaced)
    }
    return {**config, "replaced": replaced} if replaced else config


def plain(value: Any, where: str) -> Any:
    """The value as JSON knows it, modules as their configuration."""
    from .module import Module

    if isinstance(value, Module):
        return configuration(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.dtype):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(item, where) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: plain(item, where) for key, item in value.items()}
    raise ArgumentError(
        "this argument of a module cannot be written down as data",
        expected="numbers, text, lists and dictionaries of them, and modules",
        received=f"{type(value).__name__} {str(value)[:40]}",
        where=where,
        mend="pass a name and look the object up in the constructor, or override arguments()",
    )
