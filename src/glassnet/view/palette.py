"""The one palette of all pictures: roles, each with a colour on light and one on dark ground.

The hues are those of Okabe and Ito, "Color Universal Design", 2008, which people with any kind of
colour vision tell apart; on dark ground they are lightened. Every text colour keeps a contrast of
4.5 : 1 or more with its ground (WCAG 2.2, AA); a test holds this.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A colour by what it is for: its form on light ground and on dark ground."""

    light: str
    dark: str


ROLES: dict[str, Role] = {
    "ground": Role("#ffffff", "#12161c"),  # behind everything
    "card": Role("#f5f7f9", "#1b212a"),  # behind a node or a tile
    "line": Role("#d3dae2", "#3a4553"),  # grids and borders
    "edge": Role("#8b97a5", "#6f7d8d"),  # arrows
    "muted": Role("#5a6675", "#9aa8b8"),  # what may be overlooked
    "ink": Role("#17202b", "#e9eef4"),  # text
    "forward": Role("#0072b2", "#58b4ea"),  # values
    "backward": Role("#b84c00", "#ff9152"),  # gradients
    "leaf": Role("#dcedf8", "#12384f"),  # behind the name of a leaf
    "result": Role("#17202b", "#e9eef4"),  # behind the symbol of the result
    "on_result": Role("#ffffff", "#12161c"),  # on it
}

# Told apart by everybody, in this order; also by shape or dash where lines or points carry them.
SERIES: tuple[Role, ...] = (
    Role("#0072b2", "#58b4ea"),  # blue
    Role("#d55e00", "#ff9152"),  # vermilion
    Role("#009e73", "#2fcb9c"),  # green
    Role("#cc79a7", "#e9a2c9"),  # purple
    Role("#e69f00", "#f7be45"),  # orange
    Role("#56b4e9", "#9cd6f7"),  # sky
    Role("#8c7a00", "#f0e442"),  # yellow
    Role("#5a6675", "#9aa8b8"),  # grey
)

# What a colour on light ground becomes on dark ground, wherever it is found.
DARK: dict[str, str] = {role.light: role.dark for role in (*ROLES.values(), *SERIES)}

SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
MATHS = "'STIX Two Text', 'Cambria Math', Cambria, Georgia, 'DejaVu Serif', serif"


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, from 1 (none) to 21: (L₁ + 0.05) / (L₂ + 0.05) of WCAG 2.2.

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def rgb(colour: str) -> tuple[int, int, int]:
    """The parts of a colour, from 0 to 255.

    >>> rgb("#0072b2")
    (0, 114, 178)
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    parts = (part / 255 for part in rgb(colour))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
