"""Plots: matplotlib's figures in the palette's colours, and turned into pictures.

A figure is drawn in the light colours. To its SVG form a rule is added for each colour of the
palette, which puts the dark form in its place where the reader prefers that. So every colour in a
plot comes from the palette, and fills that lie over the ground are transparent.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from ..errors import MissingDependencyError
from .palette import ROLES, SANS, SERIES, Role
from .picture import Picture

GROUND, INK, MUTED, LINE = (ROLES[name].light for name in ("ground", "ink", "muted", "line"))
COLOURS = tuple(role.light for role in SERIES)
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


class Plot:
    """A figure with one pair of axes, in the style of the house; used within `plotting`.

    Attributes:
        figure: matplotlib's figure.
        axes: its axes.
    """

    def __init__(self, figure: Any, axes: Any) -> None:
        self.figure = figure
        self.axes = axes

    def legend(self, **settings: Any) -> None:
        """Names the series, clear of the data where there is room."""
        self.axes.legend(frameon=False, labelcolor=INK, fontsize=10, **settings)

    def legend_below(self) -> None:
        """Names the series in lines below the axes."""
        handles, labels = self.axes.get_legend_handles_labels()
        self.figure.legend(
            handles, labels, loc="outside lower center", ncols=4, frameon=False, labelcolor=INK,
            fontsize=10, columnspacing=1.4, handletextpad=0.4,
        )  # fmt: skip

    def picture(self, alt: str) -> Picture:
        """The figure as a picture."""
        svg, png = self._save("svg").decode(), {}

        def draw(dpi: int) -> bytes:
            if dpi not in png:
                with _style():
                    png[dpi] = self._save("png", dpi=dpi)
            return png[dpi]

        return Picture(_finish(svg, alt), draw, alt)

    def _save(self, kind: str, **settings: Any) -> bytes:
        buffer = io.BytesIO()
        date = {"metadata": {"Date": None}} if kind == "svg" else {}
        self.figure.savefig(buffer, format=kind, facecolor=GROUND, **date, **settings)
        return buffer.getvalue()


@contextmanager
def plotting(width: float = 5.6, height: float = 3.6, *, grid: bool = True) -> Iterator[Plot]:
    """A new plot of this size in inches; make its picture before the block ends.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingDependencyError("matplotlib", "plot", "this picture") from None
    with _style():
        figure = Figure(figsize=(width, height), dpi=96, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set_color(MUTED)
        axes.tick_params(which="both", colors=MUTED, labelcolor=MUTED, length=3, labelsize=9)
        axes.xaxis.label.set_color(INK)
        axes.yaxis.label.set_color(INK)
        axes.set_axisbelow(True)
        if grid:
            axes.grid(color=LINE, linewidth=0.8)
        yield Plot(figure, axes)


@contextmanager
def _style() -> Iterator[None]:
    import matplotlib as mpl

    with mpl.rc_context(_SETTINGS):
        yield


def _finish(svg: str, alt: str) -> str:
    """The SVG with the reader's fonts, a title, and rules for dark ground."""
    body = svg[svg.index("<svg") :].replace(f"'{FONT}'", SANS)
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r' (width|height)="([\d.]+)pt"', _in_units, body, count=2)
    head = (
        f"<title>{escape(alt)}</title>\n"
        f"<style>@media (prefers-color-scheme:dark){{{_dark_rules()}}}</style>"
    )
    end = body.index(">") + 1
    return re.sub(r"[ \t]+\n", "\n", f"{body[:end]}\n {head}{body[end:]}")


def _in_units(match: re.Match[str]) -> str:
    return f' {match[1]}="{float(match[2]) * 96 / 72:g}"'


def _dark_rules() -> str:
    """A rule for each colour of the palette: the attribute that holds it decides what changes."""
    distinct: dict[str, Role] = {role.light: role for role in (*ROLES.values(), *SERIES)}
    return "".join(
        f'[style*="{kind}: {light}"]{{{kind}:{role.dark}!important}}'
        for light, role in distinct.items()
        for kind in ("fill", "stroke")
    )
