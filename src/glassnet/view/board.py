"""A drawing board of matplotlib measured in inches: images, heat maps, words, in any places.

A heat map is a mask of one colour of the palette, the more opaque the larger the number: so it lies
on light and on dark ground alike, and the dark form exchanges its colour as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from .agg import MASK
from .canvas import text_width
from .numbers import number
from .palette import rgb
from .picture import Picture
from .plot import COLOURS, INK, LINE, MUTED, Plot, plotting
from .png import to_bytes

Array = np.ndarray[Any, Any]

POSITIVE, NEGATIVE = COLOURS[0], COLOURS[1]
MARGIN = 0.15  # inches, on all sides
TITLE = 0.38  # inches from the upper side to below the title
SIZE = 9.0  # of words, in points
POINT = 1 / 72  # inches
STEPS = 64  # of a bar of colours
BAR = 0.12  # its height in inches


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle on the board, in inches from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    def within(self, shape: tuple[int, ...]) -> Place:
        """The largest rectangle of an image's proportions, in the middle of this one."""
        scale = min(self.width / shape[1], self.height / shape[0])
        width, height = scale * shape[1], scale * shape[0]
        x, y = self.x + (self.width - width) / 2, self.y + (self.height - height) / 2
        return Place(x, y, width, height)

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def end(self) -> float:
        return self.y + self.height


class Board:
    """What is drawn on; used within `board`."""

    def __init__(self, plot: Plot) -> None:
        self.plot = plot
        self.axes = plot.axes
        self._masks = 0

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str = INK,
        size: float = SIZE,
        align: str = "left",
        bold: bool = False,
        **settings: Any,
    ) -> None:
        """A line of text whose middle is at this height."""
        self.axes.text(
            x, y, text, color=colour, fontsize=size, ha=align, va=settings.pop("va", "center"),
            weight="bold" if bold else "normal", **settings,
        )  # fmt: skip

    def box(self, place: Place, colour: str = LINE, *, fill: bool = False, **settings: Any) -> None:
        """A frame, or a filled rectangle."""
        from matplotlib.patches import Rectangle

        given = {"facecolor": colour, "linewidth": 0} if fill else {"fill": False, "linewidth": 0.8}
        self.axes.add_patch(
            Rectangle(
                (place.x, place.y), place.width, place.height,
                **{"edgecolor": "none" if fill else colour, **given, **settings},
            )
        )  # fmt: skip

    def image(self, image: Array, place: Place, low: float, high: float, alpha: float = 1) -> None:
        """An image (height, width, channels): a grey one in ink on the ground, others as they are.

        Args:
            image: of any numbers.
            place: where to.
            low: the number without ink; of colours the darkest.
            high: the other end.
            alpha: how opaque it is.
        """
        if image.shape[2] == 1:
            self.mask(alpha * (image[..., 0] - low) / ((high - low) or 1.0), INK, place)
        else:
            self._show(to_bytes(image[..., :3], low, high), place, alpha=alpha)

    def mask(self, strength: Array, colour: str, place: Place) -> None:
        """A heat map (height, width): this colour, from 0 for transparent to 1 for opaque."""
        opacity = to_bytes(strength, 0.0, 1.0)
        if not opacity.any():
            return
        pixels = np.empty((*opacity.shape, 4), np.uint8)
        pixels[..., :3], pixels[..., 3] = rgb(colour), opacity
        self._masks += 1
        self._show(pixels, place).set_gid(f"{MASK}{colour[1:]}-{self._masks}")

    def signed(self, values: Array, place: Place, largest: float) -> None:
        """A heat map (height, width) of numbers on both sides of 0, the largest ones opaque."""
        shares = np.asarray(values) / (largest or 1.0)
        self.mask(shares, POSITIVE, place)
        self.mask(-shares, NEGATIVE, place)

    def bar(
        self,
        x: float,
        y: float,
        largest: float | str,
        meaning: str,
        *,
        colour: str | None = None,
        strongest: float = 1.0,
    ) -> None:
        """What the colours mean: a bar from 0, or with no colour from −largest, to the largest.

        Args:
            x: of the bar's beginning.
            y: of its middle.
            largest: the number at its end, or words that stand there.
            meaning: what is measured, with its unit.
            colour: of a mask; None for numbers on both sides of 0.
            strongest: opacity of the largest number.
        """
        end = largest if isinstance(largest, str) else number(largest, 2)
        first = "0" if colour else f"−{end}"
        start = x + text_width(first, SIZE) * POINT + 0.06
        place = Place(start, y - BAR / 2, 1.3, BAR)
        if colour:
            self.mask(np.linspace(0, strongest, STEPS)[None], colour, place)
        else:
            self.signed(np.linspace(-1, 1, 2 * STEPS)[None], place, 1.0)
        self.box(place)
        self.words(start - 0.05, y, first, colour=MUTED, align="right")
        last = end if colour or isinstance(largest, str) else f"+{end}"
        self.words(start + 1.35, y, last, colour=MUTED)
        self.words(start + 1.35 + inches(last) + 0.15, y, meaning, colour=MUTED)

    def picture(self, alt: str) -> Picture:
        return self.plot.picture(alt)

    def _show(self, pixels: Array, place: Place, **settings: Any) -> Any:
        sides = (place.x, place.x + place.width, place.end, place.y)
        return self.axes.imshow(
            pixels, extent=sides, interpolation="none", aspect="auto", zorder=1, **settings
        )


@contextmanager
def board(width: float, height: float, title: str = "") -> Iterator[Board]:
    """A new board of this size in inches, with a title in its first line."""
    with plotting(width, height, grid=False) as plot:
        plot.figure.set_layout_engine("none")
        plot.axes.set_position([0, 0, 1, 1])
        plot.axes.set(xlim=(0, width), ylim=(height, 0))
        plot.axes.axis("off")
        drawn = Board(plot)
        if title:
            drawn.words(MARGIN, MARGIN + 0.06, title, size=10.5)
        yield drawn


def inches(text: str, size: float = SIZE) -> float:
    """About how wide a text is on a board."""
    return text_width(text, size) * POINT
