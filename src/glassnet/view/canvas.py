"""A small drawing board: boxes, curves and words in the colours of the palette, written as SVG."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from .palette import MATHS, ROLES, SANS
from .picture import PREFERS

Point = tuple[float, float]

# Width of a character as a fraction of the font's size, in the widest of the usual fonts.
_NARROW, _MIDDLE, _WIDE = 0.38, 0.66, 1.0


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    stroke: str = ""
    radius: float = 0.0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A chain of Bézier curves: a start, then two control points and an end for each piece."""

    points: tuple[Point, ...]
    stroke: str
    weight: float = 1.5
    arrow: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    x: float
    y: float  # of the base line
    text: str
    fill: str
    size: float = 14.0
    anchor: str = "middle"  # or "start", "end"
    bold: bool = False
    maths: bool = False  # an italic letter, as in formulas


@dataclass(frozen=True, slots=True)
class Area:
    """A place that a reader of the HTML form can press; it is not seen."""

    x: float
    y: float
    width: float
    height: float
    key: str  # what it opens
    label: str


Shape = Box | Curve | Words | Area


@dataclass(slots=True)
class Canvas:
    """Shapes in the order in which they are drawn.

    Attributes:
        width: in SVG units, 96 to the inch.
        height: likewise.
        shapes: what is drawn.
    """

    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)

    def add(self, *shapes: Shape) -> None:
        self.shapes.extend(shapes)

    def svg(self, title: str) -> str:
        """The drawing as SVG text, for light and dark ground."""
        width, height = _number(self.width), _number(self.height)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{_style()}</style>",
            *(_element(shape) for shape in self.shapes),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"


def text_width(text: str, size: float, *, bold: bool = True) -> float:
    """About how wide a text will be, in the units of its size.

    >>> text_width("ill", 10) < text_width("abc", 10) < text_width("WWW", 10)
    True
    """
    widths = (
        _NARROW if c in "iljt.,:;'|!()[] ·²³" else _WIDE if c in "mwMW@…→←" else _MIDDLE
        for c in text
    )
    return (size if bold else 0.9 * size) * sum(widths)


def arrow_head(curve: Curve, size: float = 7.0) -> tuple[Point, Point, Point]:
    """The corners of the arrow's head at the end of a curve, the tip first."""
    (cx, cy), (x, y) = curve.points[-2:]
    length = max(((x - cx) ** 2 + (y - cy) ** 2) ** 0.5, 1e-9)
    dx, dy = size * (x - cx) / length, size * (y - cy) / length
    return (
        (x, y),
        (x - dx - 0.45 * dy, y - dy + 0.45 * dx),
        (x - dx + 0.45 * dy, y - dy - 0.45 * dx),
    )


def _style() -> str:
    """Rules for every role, light by default and dark where the reader prefers it."""

    def rules(form: str) -> str:
        colours = {name: getattr(role, form) for name, role in ROLES.items()}
        fills = (f".gn-f-{name}{{fill:{colour}}}" for name, colour in colours.items())
        strokes = (f".gn-s-{name}{{stroke:{colour}}}" for name, colour in colours.items())
        return "".join([*fills, *strokes])

    return (
        f".gn-t{{font-family:{SANS};font-variant-numeric:tabular-nums}}"
        ".gn-none{fill:none}"
        f".gn-m{{font-family:{MATHS};font-style:italic}}"
        f"{rules('light')}@media {PREFERS.format('dark')}{{{rules('dark')}}}"
    )


def _element(shape: Shape) -> str:
    match shape:
        case Box():
            fill = f"gn-f-{shape.fill}" if shape.fill else "gn-none"
            stroke = f" gn-s-{shape.stroke}" if shape.stroke else ""
            return (
                f'<rect class="{fill}{stroke}" x="{_number(shape.x)}" '
                f'y="{_number(shape.y)}" width="{_number(shape.width)}" '
                f'height="{_number(shape.height)}" rx="{_number(shape.radius)}" '
                f'stroke-width="{_number(shape.weight)}"/>'
            )
        case Curve():
            return _curve(shape)
        case Words():
            face = "gn-m" if shape.maths else "gn-t"
            bold = ' font-weight="600"' if shape.bold else ""
            return (
                f'<text class="{face} gn-f-{shape.fill}" x="{_number(shape.x)}" '
                f'y="{_number(shape.y)}" font-size="{_number(shape.size)}" '
                f'text-anchor="{shape.anchor}"{bold}>{escape(shape.text)}</text>'
            )

        case Area():
            return (
                f'<rect class="gn-none" data-opens="{escape(shape.key)}" '
                f'aria-label="{escape(shape.label)}" x="{_number(shape.x)}" '
                f'y="{_number(shape.y)}" width="{_number(shape.width)}" '
                f'height="{_number(shape.height)}" rx="9"/>'
            )


def _curve(shape: Curve) -> str:
    first, *others = shape.points
    steps = " ".join(f"{_number(x)},{_number(y)}" for x, y in others)
    line = (
        f'<path class="gn-s-{shape.stroke}" fill="none" stroke-width="{_number(shape.weight)}" '
        f'd="M{_number(first[0])},{_number(first[1])} C{steps}"/>'
    )
    if not shape.arrow:
        return line
    corners = " ".join(f"{_number(x)},{_number(y)}" for x, y in arrow_head(shape))
    return f'{line}<polygon class="gn-f-{shape.stroke}" points="{corners}"/>'


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
