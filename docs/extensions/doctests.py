"""Shows the examples of docstrings as code, though they stand in no section of their own."""

from __future__ import annotations

import re
from typing import Any

import griffe

# From a prompt to the next blank line, at any indentation.
EXAMPLE = re.compile(r"^( *)>>> .*(?:\n *\S.*)*", re.MULTILINE)


def fence(text: str) -> str:
    """Every doctest of a docstring inside a fenced block."""
    return EXAMPLE.sub(lambda found: f"{found[1]}```pycon\n{found[0]}\n{found[1]}```", text)


class Doctests(griffe.Extension):
    """Changes docstrings as they are collected."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring:
            obj.docstring.value = fence(obj.docstring.value)
