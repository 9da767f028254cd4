"""The optional libraries that read files; each is imported when it is first needed."""

from __future__ import annotations

from typing import Any

from ..errors import MissingDependencyError


def pandas(purpose: str) -> Any:
    """The module pandas, or an error that says how to get it."""
    try:
        import pandas  # the function has its name
    except ImportError:
        raise MissingDependencyError("pandas", "data", purpose) from None
    return pandas


def pillow(purpose: str) -> Any:
    """The module PIL.Image, or an error that says how to get it."""
    try:
        from PIL import Image
    except ImportError:
        raise MissingDependencyError("Pillow", "data", purpose) from None
    return Image
