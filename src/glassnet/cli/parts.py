"""The data of `glassnet train`: a part to learn from and a part held out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError

if TYPE_CHECKING:
    from ..data import Dataset

HELD_OUT = 0.2  # share of the rows, stratified
HELD_OUT_OF_TEXT = 0.1  # its last part
LENGTH = 64  # of the windows into a text
OVERLAP = 4  # windows that a character of a long text lies in; in a short one they are more, …
WINDOWS = 6400  # … so that there are that many
JUDGED = ("valid", "t10k", "test")  # what IDX files call the part that is not learned from


def parts(data: str, given: dict[str, Any], seed: int) -> tuple[Dataset, Dataset]:
    """The part to learn from and the part held out, scaled by what the first has taught.

    Args:
        data: a name or a path, as `data.load` takes it.
        given: the options of the command that belong to the data.
        seed: of generated data and of the split.
    """
    from ..data import NAMES, catalogue, idx_parts, load, split, standardise, text

    settings = {name: _setting(name, value) for name, value in given.items()}
    path = Path(data)
    known = data in NAMES or not path.exists()
    if not known and catalogue.reader(path) is text:
        length = settings.setdefault("length", LENGTH)
        settings["step"] = max(1, min(length // OVERLAP, path.stat().st_size // WINDOWS))
    dataset = load(data, seed=seed, **settings)
    if data in catalogue.REMOTE:
        return dataset, load(data, part="test", **settings)
    other = next((name for name in JUDGED if not known and name in idx_parts(path)), None)
    if other is not None:
        held = load(path, part=other)
        return dataset, replace(held, classes=dataset.classes)
    share = HELD_OUT if dataset.vocabulary is None else HELD_OUT_OF_TEXT
    learn, held = split(dataset, share, seed=seed)
    if learn.vocabulary is None and learn.standardiser is None:
        learn, held = standardise(learn, held)
    return learn, held


def what_it_is(learn: Dataset, held: Dataset) -> str:
    """Both parts in a line."""
    rows, shape = len(learn) + len(held), learn.inputs.shape[1:]
    if learn.vocabulary is not None:
        kind = f"{rows:,} windows of {shape[0]} characters, {learn.outputs} different ones"
    elif len(shape) == 3:
        kind = f"{rows:,} images of {shape[0]}×{shape[1]}×{shape[2]}"
    else:
        kind = f"{rows:,} rows of {learn.inputs[0].size} numbers"
    if learn.vocabulary is None:
        classes = learn.task == "classification"
        kind += f", {len(learn.classes)} classes" if classes else ", a number to predict"
    return f"{learn.name}: {kind}; {len(learn):,} to learn from, {len(held):,} held out"


def _setting(name: str, value: Any) -> Any:
    """An option as the reader of the data takes it."""
    if name == "leave":
        return [part.strip() for part in value.split(",") if part.strip()]
    if name != "size":
        return value
    sides = [part.strip() for part in value.split(",")]
    if len(sides) != 2 or not all(s.isdecimal() and 0 < int(s) <= 10_000 for s in sides):
        raise ArgumentError(
            "this is no size of images",
            expected="height and width in pixels, as in --size 28,28",
            received=value,
        )
    return int(sides[0]), int(sides[1])
