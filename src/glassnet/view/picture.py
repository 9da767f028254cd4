"""A picture: shows itself in a notebook, and saves itself as SVG, PNG or HTML."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from pathlib import Path

from ..errors import ArgumentError, OutputError
from .palette import ROLES, SANS

FORMATS = (".svg", ".png", ".html")


class Picture:
    """A drawing in a light and a dark form, with a text that says what it shows.

    Args:
        svg: the drawing; it follows the reader's choice of light or dark by itself.
        png: draws it as a PNG with so many pixels to the inch of 96 SVG units.
        alt: what it shows, in words.

    Attributes:
        svg: the drawing as text.
        alt: what it shows.
    """

    def __init__(self, svg: str, png: Callable[[int], bytes], alt: str) -> None:
        self.svg = svg
        self.alt = alt
        self._png = png

    def __repr__(self) -> str:
        return f"<picture: {self.alt}>"

    def _repr_svg_(self) -> str:
        return self.svg

    def png(self, dpi: int = 192) -> bytes:
        """The drawing as a PNG, in its light form."""
        return self._png(dpi)

    def html(self) -> str:
        """A page that holds the drawing and needs no other file."""
        colours = "".join(
            f"@media (prefers-color-scheme:{scheme}){{body{{background:{ground};color:{ink}}}}}"
            for scheme, ground, ink in (
                ("light", ROLES["ground"].light, ROLES["ink"].light),
                ("dark", ROLES["ground"].dark, ROLES["ink"].dark),
            )
        )
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n'
            f"<title>{escape(self.alt)}</title>\n"
            f"<style>body{{margin:2rem;font-family:{SANS}}}"
            "svg{max-width:100%;height:auto;display:block;margin:auto}"
            f"{colours}</style></head>\n<body>\n{self.svg}\n</body></html>\n"
        )

    def image(self, style: str = "") -> str:
        """An HTML element that holds the drawing by itself, with its text alternative."""
        data = base64.b64encode(self.svg.encode()).decode()
        kind = f' class="{style}"' if style else ""
        return f'<img{kind} alt="{escape(self.alt)}" src="data:image/svg+xml;base64,{data}">'

    def save(self, path: str | Path) -> Path:
        """Writes the picture; the ending of the name chooses SVG, PNG or HTML.

        Raises:
            ArgumentError: the ending is none of these.
            OutputError: the place cannot be written.
        """
        target = Path(path)
        match target.suffix.lower():
            case ".svg":
                content = self.svg.encode()
            case ".png":
                content = self.png()
            case ".html":
                content = self.html().encode()
            case other:
                raise ArgumentError(
                    "a picture is saved as SVG, PNG or HTML",
                    expected=f"a name that ends in {', '.join(FORMATS)}",
                    received=f"{target.name} ({other or 'no ending'})",
                )
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
