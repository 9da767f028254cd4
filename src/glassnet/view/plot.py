"""Plots: matplotlib's figures in the palette's colours, and turned into pictures.

A figure is drawn in the light colours. To its SVG form a rule is added for each colour of the
palette, which puts the dark form in its place where the reader prefers that; a dark PNG exchanges
them as it is drawn. So every colour in a plot comes from the palette, and fills that lie over the
ground are transparent.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from html import escape
from typing import Any

from ..errors import MissingDependencyError
from .agg import MASK, rendered
from .palette import DARK, ROLES, SANS, SERIES, rgb
from .picture import PREFERS, Picture

GROUND, INK, MUTED, LINE = (ROLES[name].light for name in ("ground", "ink", "muted", "line"))
COLOURS = tuple(role.light for role in SERIES)
DASHES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
FONT = "DejaVu Sans"  # the library's own; the SVG names the reader's fonts instead
_SETTINGS: dict[Any, Any] = {
    "font.family": FONT,
    "font.size": 10.0,
    "svg.fonttype": "none",  # letters stay letters
    "svg.hashsalt": "glassnet",  # the same picture has the same bytes
    "axes.unicode_minus": True,
    "text.parse_math": False,
}
# The font is said once, no text is turned by 0 degrees, and nothing asks for a group by its number.
_NEEDLESS = rf" font-family: '{FONT}';?| transform=\"rotate\(-0 [^\"]*\"| id=\"[a-z0-9]+_\d+\""


class Plot:
    """A figure with one or several panels in the style of the house; used within `plotting`.

    Attributes:
        figure: matplotlib's figure.
        panels: matplotlib's axes, row by row.
    """

    def __init__(self, figure: Any, panels: Sequence[Any]) -> None:
        self.figure = figure
        self.panels = tuple(panels)

    @property
    def axes(self) -> Any:
        """The first panel: the only one, as a rule."""
        return self.panels[0]

    def legend(self, **settings: Any) -> None:
        """Names the series, clear of the data where there is room."""
        self.axes.legend(frameon=False, labelcolor=INK, fontsize=10, **settings)

    def legend_below(self, columns: int = 4) -> None:
        """Names the series of all panels in lines below them, each name once."""
        named: dict[str, Any] = {}
        for panel in self.panels:
            for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
                named.setdefault(label, handle)
        self.figure.legend(
            named.values(), named.keys(), loc="outside lower center", ncols=columns, frameon=False,
            labelcolor=INK, fontsize=10, columnspacing=1.4, handletextpad=0.4,
        )  # fmt: skip

    def spatial(self, index: int) -> Any:
        """Makes a space with three axes of a panel, and returns it."""
        flat = self.panels[index]
        place = flat.get_subplotspec()
        flat.remove()
        space = self.figure.add_subplot(place, projection="3d", computed_zorder=False)
        for axis in (space.xaxis, space.yaxis, space.zaxis):
            axis.pane.set(facecolor=GROUND, edgecolor=LINE, alpha=0.0)
            axis.line.set_color(MUTED)
            axis.label.set_color(INK)
            axis._axinfo["grid"].update(color=LINE, linewidth=0.6)
        space.tick_params(colors=MUTED, labelcolor=MUTED, labelsize=8)
        space.title.set(color=INK, size=10.5)
        space.locator_params(nbins=5)
        space.set_box_aspect(None, zoom=0.88)  # room for the name of the axis that goes up
        self.panels = (*self.panels[:index], space, *self.panels[index + 1 :])
        return space

    def picture(self, alt: str) -> Picture:
        """The figure as a picture."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="svg", facecolor=GROUND, metadata={"Date": None})

        @cache
        def draw(dpi: int, dark: bool) -> bytes:
            with _style():
                return rendered(self.figure, dpi, GROUND, dark=dark)

        return Picture(_finish(buffer.getvalue().decode(), alt), draw, alt)


def logarithmic(axes: Any, *names: str) -> None:
    """Makes the x or y axis of a panel logarithmic, with plain numbers at its ticks."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    class Decades(LogLocator):
        """At each power of ten; where there are few, at twice and five times it as well."""

        def tick_values(self, vmin: float, vmax: float) -> Any:
            few = vmin > 0.0 and vmax < 1000 * vmin
            self.set_params(subs=(1.0, 2.0, 5.0) if few else (1.0,))
            return super().tick_values(vmin, vmax)

    for name in names:
        axes.set(**{f"{name}scale": "log"})
        axis = getattr(axes, f"{name}axis")
        axis.set_major_locator(Decades(numticks=6))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(FuncFormatter(lambda *_: ""))


@contextmanager
def plotting(
    width: float = 5.6,
    height: float = 3.6,
    *,
    rows: int = 1,
    columns: int = 1,
    grid: bool = True,
    **settings: Any,
) -> Iterator[Plot]:
    """A new plot of this size in inches; make its picture before the block ends.

    Args:
        width: of everything.
        height: of everything.
        rows: of panels.
        columns: of panels.
        grid: whether lines mark the ticks.
        settings: of matplotlib's `Figure.subplots`, such as `sharey=True` or `width_ratios`.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingDependencyError("matplotlib", "plot", "this picture") from None
    with _style():
        figure = Figure(figsize=(width, height), dpi=96, layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False, **settings).ravel()
        for panel in panels:
            _dress(panel, grid)
        yield Plot(figure, panels)


def _dress(axes: Any, grid: bool) -> None:
    """Puts a panel in the style of the house."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
    axes.tick_params(which="both", colors=MUTED, labelcolor=MUTED, length=3, labelsize=9)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)
    axes.title.set_color(INK)
    axes.title.set_size(10.5)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(color=LINE, linewidth=0.8)


@contextmanager
def _style() -> Iterator[None]:
    import matplotlib as mpl

    with mpl.rc_context(_SETTINGS):
        yield


def _finish(svg: str, alt: str) -> str:
    """The SVG with the reader's fonts, a title, and rules for dark ground."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r' (width|height)="([\d.]+)pt"', _in_units, body, count=2)
    body = re.sub(r"<[^>]*>", _slim, body).replace("<svg ", f'<svg style="font-family:{SANS}" ', 1)
    masks = [colour for colour in DARK if f"{MASK}{colour[1:]}" in body]
    head = (
        f"<title>{escape(alt)}</title>\n{''.join(map(_dark_filter, masks))}"
        f"<style>@media {PREFERS.format('dark')}{{{_dark_rules()}"
        f"{''.join(map(_dark_mask, masks))}}}</style>"
    )
    end = body.index(">") + 1
    return re.sub(r"\s*\n\s*", "\n", f"{body[:end]}\n{head}{body[end:]}")


def _in_units(match: re.Match[str]) -> str:
    return f' {match[1]}="{float(match[2]) * 96 / 72:g}"'


def _slim(tag: re.Match[str]) -> str:
    """A tag without what its parent says already, and with places to a hundredth of a point."""
    text = re.sub(_NEEDLESS, "", tag[0])
    if text.startswith("<path"):
        text = re.sub(r"\s*\b([MLQC])\s+", r"\1", text)
    return re.sub(
        r"-?\d+\.\d{3,}", lambda place: f"{float(place[0]):.2f}".rstrip("0").rstrip("."), text
    )


def _dark_mask(colour: str) -> str:
    """A rule for the images of one colour, which lie in the file as pixels."""
    return f'[id^="{MASK}{colour[1:]}"]{{filter:url(#gn-dark-{colour[1:]})}}'


def _dark_filter(colour: str) -> str:
    """What puts the dark form of a colour in the place of any other, opacity kept."""
    red, green, blue = (f"0 0 0 0 {part / 255:.4g}" for part in rgb(DARK[colour]))
    return (
        f'<filter id="gn-dark-{colour[1:]}" color-interpolation-filters="sRGB">'
        f'<feColorMatrix values="{red} {green} {blue} 0 0 0 1 0"/></filter>\n'
    )


def _dark_rules() -> str:
    """A rule for each colour of the palette: the attribute that holds it decides what changes."""
    return "".join(
        f'[style*="{kind}: {light}"]{{{kind}:{dark}!important}}'
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    )
