"""Several pictures in a row, played step by step: a page with controls, or a GIF."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from html import escape

from ..errors import ArgumentError
from .packing import packed, script
from .picture import Picture, page

HOLD = 4  # times as long as another stays the last frame of a GIF
CONTROLS = 110  # height of the controls in a notebook, in CSS pixels
_STYLE = (
    ".gn-stage svg,.gn-stage img{max-width:100%;height:auto;display:block;margin:auto}"
    ".gn-bar{gap:.6rem;align-items:center;max-width:48rem;margin:1rem auto 0}"
    ".gn-bar:not([hidden]){display:flex}"
    ".gn-bar button{font:inherit;min-width:2.6rem;min-height:2.4rem;cursor:pointer}"
    ".gn-bar input{flex:1;min-width:5rem}"
    ".gn-label{max-width:48rem;margin:.6rem auto;min-height:1.4em;text-align:center}"
    "@media print{.gn-bar{display:none}}"
)


class Animation(Picture):
    """Pictures to be seen one after the other.

    Its HTML form, and what a notebook shows, has buttons to play and to step, a slider, and answers
    to the space bar and the arrow keys; it never starts by itself. As SVG and PNG it is the frame
    that says most, as GIF it runs.

    Args:
        frames: the pictures, all of one size.
        alt: what they show together, in words.
        labels: a line of words for each frame; its text alternative when left out.
        shown: the frame that stands for all; the last one when left out.
        seconds: how long each is shown.

    Raises:
        ArgumentError: no frame, or not one label for each.
    """

    def __init__(
        self,
        frames: Sequence[Picture],
        alt: str,
        *,
        labels: Sequence[str] = (),
        shown: int = -1,
        seconds: float = 0.8,
    ) -> None:
        if not frames or (labels and len(labels) != len(frames)):
            raise ArgumentError(
                "an animation has frames, and a label for each or none",
                received=f"{len(frames)} frames and {len(labels)} labels",
            )
        super().__init__(
            frames[shown].svg, lambda dpi, dark: frames[shown].png(dpi, dark=dark), alt
        )
        self.frames = tuple(frames)
        self.labels = tuple(labels) or tuple(frame.alt for frame in frames)
        self.shown = shown % len(frames)
        self.seconds = seconds

    def __len__(self) -> int:
        return len(self.frames)

    def _repr_html_(self) -> str:
        """A frame of its own in a notebook, so that its rules and keys touch nothing else."""
        return (
            f'<iframe title="{escape(self.alt)}" srcdoc="{escape(self.html())}" '
            f'style="border:0;width:100%;height:{_height(self.svg) + CONTROLS:.0f}px"></iframe>'
        )

    def html(self) -> str:
        """A page with the frames and the controls that needs no other file.

        The frames are packed; where no script runs, the page shows the one that stands for all.
        """
        last, first = len(self) - 1, self.shown
        body = (
            f'<main class="gn-player" tabindex="0" data-seconds="{self.seconds:g}">\n'
            f'<div class="gn-stage">{self.svg}</div>\n'
            '<div class="gn-bar" hidden>'
            '<button type="button" data-step="-1" aria-label="one step back">◀</button>'
            '<button type="button" data-play aria-label="play">▶ play</button>'
            '<button type="button" data-step="1" aria-label="one step on">▶|</button>'
            f'<input type="range" min="0" max="{last}" value="{first}" aria-label="step">'
            f"<output>{first} / {last}</output></div>\n"
            f'<p class="gn-label" aria-live="polite">{escape(self.labels[first])}</p>\n'
            f"{packed([frame.svg for frame in self.frames], self.labels)}\n"
            f"{script('animation.js')}</main>"
        )
        return page(self.alt, body, _STYLE)

    def gif(self, dpi: int = 96, *, dark: bool = False) -> bytes:
        """The frames as a GIF that runs for ever and rests on the last one."""
        from PIL import Image  # comes with matplotlib, which draws the frames

        drawn = [
            Image.open(io.BytesIO(frame.png(dpi, dark=dark))).convert("RGB")
            for frame in self.frames
        ]
        # One table of colours for all frames, so that what rests is stored once.
        all_of = Image.new("RGB", (drawn[0].width, sum(image.height for image in drawn)))
        for place, image in enumerate(drawn):
            all_of.paste(image, (0, place * drawn[0].height))
        table = all_of.quantize(128, Image.Quantize.MAXCOVERAGE)  # rare colours stay too
        images = [image.quantize(palette=table, dither=Image.Dither.NONE) for image in drawn]
        times = [round(1000 * self.seconds)] * len(images)
        times[-1] *= HOLD
        buffer = io.BytesIO()
        images[0].save(
            buffer, "GIF", save_all=True, append_images=images[1:], duration=times, loop=0
        )
        return buffer.getvalue()

    def forms(self) -> dict[str, Callable[[bool], bytes]]:
        return {**super().forms(), ".gif": lambda dark: self.gif(dark=dark)}


def _height(svg: str) -> float:
    return float(svg.partition(' height="')[2].partition('"')[0] or 400)
