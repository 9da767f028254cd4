"""What goes on in the network, where there is a picture that fits it."""

from __future__ import annotations

from ...errors import ArgumentError, ShapeError
from ...train import Run
from ..inside import looks
from .common import figure, section


def looked(run: Run) -> list[str]:
    """A section for each look; a network of a form of its own is reported without."""
    parts = []
    for look in looks(run):
        try:
            parts.append(section(look.title, figure(look.draw, look.caption)))
        except (ArgumentError, ShapeError):
            continue
    return parts
