"""What sections of the report are made of: figures, headings, numbers in short."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from ...errors import MissingDependencyError
from ..picture import Picture


def figure(make: Callable[[], Picture], caption: str, *, wide: bool = False) -> str:
    """A picture with a caption; a note in its place where its library is missing.

    A wide one is not made smaller than it can be read: a narrow screen moves along it.
    """
    try:
        picture = make()
    except MissingDependencyError as error:
        return f'<p class="note">{escape(error.what)}: <code>{escape(error.mend)}</code></p>'
    kind = ' class="panorama"' if wide else ""
    drawn = f"<div>{picture.image()}</div>" if wide else picture.image()
    return f"<figure{kind}>{drawn}<figcaption>{caption}</figcaption></figure>"


def section(title: str, *parts: str) -> str:
    """A heading and what stands below it."""
    return f"<section>\n<h2>{escape(title)}</h2>\n" + "\n".join(parts) + "\n</section>"


def duration(seconds: float) -> str:
    """A duration as people say it.

    >>> duration(0.25), duration(9.71), duration(200)
    ('0.25 s', '9.7 s', '3 min 20 s')
    """
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"
