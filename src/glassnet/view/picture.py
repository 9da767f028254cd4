"""A picture: shows itself in a notebook, and saves itself as SVG, PNG or HTML."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from pathlib import Path

from ..errors import ArgumentError, OutputError
from .palette import ROLES, SANS

PREFERS = "(prefers-color-scheme:{})"  # as written in every style sheet of a picture
BOTH = "light dark"


class Picture:
    """A drawing in a light and a dark form, with a text that says what it shows.

    Args:
        svg: the drawing; it follows the reader's choice of light or dark by itself.
        png: draws it as a PNG with so many pixels to the inch of 96 SVG units, in the dark form or
            not.
        alt: what it shows, in words.

    Attributes:
        svg: the drawing as text.
        alt: what it shows.
    """

    def __init__(self, svg: str, png: Callable[[int, bool], bytes], alt: str) -> None:
        self.svg = svg
        self.alt = alt
        self._png = png

    def __repr__(self) -> str:
        return f"<picture: {self.alt}>"

    def _repr_svg_(self) -> str:
        return self.svg

    def png(self, dpi: int = 192, *, dark: bool = False) -> bytes:
        """The drawing as a PNG, in its light or its dark form."""
        return self._png(dpi, dark)

    def html(self) -> str:
        """A page that holds the drawing and needs no other file."""
        return page(self.alt, self.svg)

    def image(self, style: str = "") -> str:
        """An HTML element that holds the drawing by itself, with its text alternative."""
        data = base64.b64encode(self.svg.encode()).decode()
        kind = f' class="{style}"' if style else ""
        return f'<img{kind} alt="{escape(self.alt)}" src="data:image/svg+xml;base64,{data}">'

    def forms(self) -> dict[str, Callable[[bool], bytes]]:
        """What it can be saved as: for each ending what writes it, in the dark form or not."""
        return {
            ".svg": lambda dark: _for_good(self.svg, dark).encode(),
            ".png": lambda dark: self.png(dark=dark),
            ".html": lambda dark: _for_good(self.html(), dark).encode(),
        }

    def save(self, path: str | Path, *, dark: bool = False) -> Path:
        """Writes the picture; the ending of the name chooses SVG, PNG or HTML.

        Args:
            path: where to.
            dark: in the dark form for everybody; otherwise SVG and HTML follow the reader's
                choice, and PNG is light.

        Raises:
            ArgumentError: the ending is none of these.
            OutputError: the place cannot be written.
        """
        target, forms = Path(path), self.forms()
        ending = target.suffix.lower()
        if ending not in forms:
            raise ArgumentError(
                "this picture is not saved in such a format",
                expected=f"a name that ends in {', '.join(forms)}",
                received=f"{target.name} ({ending or 'no ending'})",
            )
        content = forms[ending](dark)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except OSError as error:
            raise OutputError(
                f"the picture cannot be written to {target}",
                received=error.strerror or str(error),
                mend="choose a folder that exists and that you may write to",
            ) from None
        return target


def page(title: str, body: str, style: str = "") -> str:
    """An HTML page in the palette's light and dark form that needs no other file."""
    colours = "".join(
        f"@media {PREFERS.format(form)}{{body{{background:{ground};color:{ink}}}}}"
        for form, ground, ink in (
            ("light", ROLES["ground"].light, ROLES["ink"].light),
            ("dark", ROLES["ground"].dark, ROLES["ink"].dark),
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="{BOTH}">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>body{{margin:2rem;font-family:{SANS}}}"
        "svg{max-width:100%;height:auto;display:block;margin:auto}"
        f"{colours}{style}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _for_good(text: str, dark: bool) -> str:
    """The dark form without asking the reader, where that is wanted."""
    if not dark:
        return text
    text = text.replace(PREFERS.format("light"), "not all").replace(PREFERS.format("dark"), "all")
    return text.replace(f'content="{BOTH}"', 'content="dark"')
