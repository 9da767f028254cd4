"""`glassnet see`: what goes on inside a trained network, as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ArgumentError, did_you_mean
from .numbers import whole_numbers
from .options import Trained

if TYPE_CHECKING:
    from ..data import Dataset
    from ..train import Predictor
    from ..view import Picture


@dataclass(frozen=True, slots=True)
class Sight:
    """A picture that can be asked for.

    Attributes:
        data: what it is made of: "", "images", "text"; "labelled", all images with their classes;
            or "points", all rows of a data set of two features.
        rows: which images when none are named; None for what the picture itself takes.
        options: those it knows.
        measured: whether it shows what was measured while the network learned.
    """

    data: str
    rows: tuple[int, ...] | None = None
    options: tuple[str, ...] = ()
    measured: bool = False


SIX = tuple(range(6))
SIGHTS: dict[str, Sight] = {
    "network": Sight("points"),
    "boundary": Sight("points"),
    "filters": Sight("", options=("layer",)),
    "feature-maps": Sight("images", (0,), ("rows",)),
    "saliency": Sight("images", SIX, ("rows", "target")),
    "grad-cam": Sight("images", SIX, ("rows", "target", "layer")),
    "occlusion": Sight("images", SIX, ("rows", "target")),
    "samples": Sight("labelled", None, ("rows",)),
    "mistakes": Sight("labelled"),
    "attention": Sight("text"),
    "states": Sight("text", options=("layer",)),
    "next-token": Sight("text"),
    "surprise": Sight("text"),
    "dreams": Sight(""),
    "codes": Sight("labelled"),
    "walk": Sight("images", (0, 1), ("rows",)),
    "findings": Sight("", measured=True),
    "histograms": Sight("", options=("kind", "layer"), measured=True),
    "norms": Sight("", options=("layer",), measured=True),
}
NEEDED = {
    "images": "images", "labelled": "images", "text": "a text",
    "points": "a data set of two features",
}  # fmt: skip

Kind = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        help="Of histograms: weight, gradient, update or activation.",
        show_default=False,
    ),
]


def see(
    run: Trained,
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help=f"{', '.join(SIGHTS)}.", show_default=False)
    ],
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="Points or images: a data set such as moons or digits, a folder of IDX files, or "
            "what **predict** takes. A text: a file, or the words themselves in quotes.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Write the picture: .svg, .png or .html.",
            show_default=False,
        ),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(
            metavar="ROWS", help="Which images, such as 0,3,7; the first ones by default.",
            show_default=False,
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="CLASS", help="The class asked about; the predicted one by default.",
            show_default=False,
        ),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", help="The layer or parameter looked at, such as 3 or 0.weight.",
            show_default=False,
        ),
    ] = None,
    kind: Kind = None,
) -> None:  # fmt: skip
    """Look inside a trained network.

    Of points: what each unit sees of the plane, and the weights. Of images: its filters, what its
    layers make of an image, and why it says what it says. Of a text: where its attention heads
    look, its states, what it expects next, what surprises it. Of an autoencoder: what it dreams. Of
    a run made with **--statistics**: what happened inside while it learned. Without **--out** it
    says in words what is to see.

    **Examples**

        glassnet see runs/moons network moons --out network.svg

        glassnet see runs/digits saliency digits --rows 0,3 --out why.svg

        glassnet see runs/mnist grad-cam seven.png --target 1 --out why-not-1.png

        glassnet see runs/digits histograms --kind gradient --out gradients.svg

        glassnet see runs/book attention "To be, or not to be" --out heads.html
    """
    from .. import view
    from ..files import load_predictor

    sight = _sight(what, data, {"rows": rows, "target": target, "layer": layer, "kind": kind})
    if sight.measured:
        _measured(run, what, layer, kind, out)
        return
    predictor = load_predictor(run)
    settings = {name: given for name, given in (("target", target), ("layer", layer)) if given}
    material = _material(what, sight, predictor, data, rows)
    _show(getattr(view, what.replace("-", "_"))(predictor, *material, **settings), out)


def _show(picture: Picture, out: Path | None) -> None:
    """In words, or as a file."""
    from .console import say

    if out is None:
        print(picture.alt)
    else:
        picture.save(out)
        say("written", str(out))


def _measured(run: Path, what: str, layer: str | None, kind: str | None, out: Path | None) -> None:
    """What was measured while the run learned."""
    from .. import view
    from ..files import read_run

    statistics = read_run(run).statistics
    if statistics is None:
        raise ArgumentError(
            f"nothing was measured while {run} learned",
            mend="glassnet train … --statistics, or fit(…, statistics=True, out=…)",
        )
    if what == "findings":
        if out is not None:
            raise ArgumentError("findings are words", mend=f"glassnet see {run} findings")
        print(statistics)
        return
    names = None if layer is None else (layer,)
    if what == "norms":
        _show(view.norms(statistics, names), out)
    else:
        _show(view.histograms(statistics, kind or "weight", names), out)


def _sight(what: str, data: str | None, options: dict[str, str | None]) -> Sight:
    """What is asked for; ArgumentError where it does not exist or does not fit."""
    if what not in SIGHTS:
        raise ArgumentError(
            f'there is no picture "{what}"', expected=", ".join(SIGHTS),
            mend=did_you_mean(what, SIGHTS),
        )  # fmt: skip
    sight = SIGHTS[what]
    if (data is not None) != bool(sight.data):
        raise ArgumentError(
            f"{what} needs {NEEDED[sight.data]}" if sight.data else f"{what} needs no data",
            expected=f"glassnet see RUN {what}{' DATA' if sight.data else ''}",
            received="no data" if data is None else data,
        )
    for name, given in options.items():
        if given is not None and name not in sight.options:
            raise ArgumentError(
                f"{what} takes no --{name}",
                expected=", ".join(f"--{option}" for option in ("out", *sight.options)),
                received=f"--{name} {given}",
            )
    return sight


def _material(
    what: str, sight: Sight, predictor: Predictor, data: str | None, rows: str | None
) -> tuple[Any, ...]:
    """What the picture is made of, as its call takes it."""
    if data is None:
        return ()
    if sight.data == "text":
        return (_text(predictor, data),)
    dataset = _images(predictor, data, labelled=sight.data in ("labelled", "points"))
    chosen = sight.rows
    if rows is not None:
        chosen = whole_numbers(rows, "rows of the data", "--rows 0,3", 0, len(dataset) - 1)
    if chosen is not None:
        chosen = tuple(row for row in chosen if row < len(dataset))
    if what == "walk":
        pair = dataset.inputs[list(chosen or ())]
        if len(pair) != 2:
            raise ArgumentError("a walk goes from one image to another", received=f"{len(pair)}")
        return pair[0], pair[1]
    if what == "samples":
        return dataset, chosen
    return (dataset if chosen is None else dataset.subset(list(chosen)),)


def _text(predictor: Predictor, data: str) -> Any:
    """The words in a file, or those given; for a network that reads images row by row, an image."""
    from ..data.text import read_text

    if predictor.vocabulary is None:
        return _images(predictor, data, labelled=False).inputs[0]
    return read_text(Path(data)) if Path(data).is_file() else data


def _images(predictor: Predictor, data: str, *, labelled: bool) -> Dataset:
    """Images of a data set by name, of a folder of IDX files, or of a file, without classes."""
    from ..data import NAMES, Dataset, idx_parts, load
    from ..data.catalogue import REMOTE
    from .parts import JUDGED
    from .rows import read_rows

    path = Path(data)
    if data in NAMES:
        return load(data, part="test") if data in REMOTE else load(data)
    parts = idx_parts(path) if path.is_dir() else ()
    if parts:
        return load(path, part=next((part for part in JUDGED if part in parts), parts[0]))
    if labelled:
        shape = predictor.image_shape
        return load(path, size=shape[:2]) if shape and path.is_dir() else load(path)
    return Dataset(read_rows(path, predictor), image_shape=predictor.image_shape)
