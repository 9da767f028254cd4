"""Hidden states over time: what a recurrent network keeps in mind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, did_you_mean
from ..graph import no_grad
from ..nn import Module, prediction, watching
from ..nn.recurrent import Recurrent
from ..tensor import Tensor
from .board import MARGIN, TITLE, Place, board, inches
from .numbers import number
from .passage import Passage
from .picture import Picture
from .plot import MUTED
from .subject import Network

Array = np.ndarray[Any, Any]

MOST = 32  # units
ROW = 0.13  # inches of a unit
STEP = (0.03, 0.3)  # inches of a step: the least and the most
WIDE = 7.4  # inches of all steps, if they can be seen then
LETTER = 0.085  # inches a step needs to be named


def states(
    network: Network, sequence: Any, layer: str | None = None, *, most: int = MOST
) -> Picture:
    """The state hₜ of an RNN, GRU or LSTM after every step of a sequence, unit by unit.

    Each row is a unit, each column a step: a unit that stays blue or orange for long remembers
    something. Of many units those are shown that change most.

    Args:
        network: a run, its predictor, or a module.
        sequence: a text; or tokens (T,) or vectors (T, …); an image that is read row by row.
        layer: the path of a layer; the first recurrent one when left out, of stacked ones the top.
            `body.l0` is the lowest of those in `body`, `body.l0_reverse` what runs through it
            backwards, as in the names of their weights. Any layer that puts out a vector at every
            step can be looked at.
        most: units shown.

    Raises:
        ArgumentError: no such layer, or no recurrent one.
        DataError: a text for a network that knows no characters, or nothing to read.

    >>> import glassnet as gn
    >>> from glassnet import models, view
    >>> reader = models.lstm_classifier(8, 10, hidden_size=16).initialise(0)
    >>> view.states(reader, gn.Generator(0).uniform((6, 8, 1)))  # doctest: +ELLIPSIS
    <picture: States of layer body (LSTM) over 6 steps: 16 units, from ... to .... Unit ...>
    """
    passage = Passage.of(network, sequence)
    path, name, found = _states(passage, layer)
    change = np.abs(np.diff(found, axis=0)).mean(axis=0) if len(found) > 1 else np.abs(found[0])
    shown = np.sort(np.argsort(-change, kind="stable")[: max(1, most)])
    unit = int(change.argmax())
    alt = (
        f"States of layer {path} ({name}) over {passage.text}: {found.shape[1]} units, from "
        f"{number(float(found.min()))} to {number(float(found.max()))}. Unit {unit} changes most, "
        f"by {change[unit]:.2g} a step; unit {int(change.argmin())} least."
    )
    count = f"{len(shown)} of {found.shape[1]}" if len(shown) < found.shape[1] else f"{len(shown)}"
    title = f"Layer {path} ({name}): {count} hidden units, step by step"
    return _drawn(passage, found[:, shown], shown, title, alt)


def _states(passage: Passage, layer: str | None) -> tuple[str, str, Array]:
    """The path of a layer, its class, and what it puts out (T, units)."""
    steps = _steps(passage)
    recurrent = [path for path, (part, _) in steps.items() if isinstance(part, Recurrent)]
    if layer is None and recurrent:
        layer = recurrent[0]
    if layer is None or layer not in steps:
        raise ArgumentError(
            "this network has no recurrent layer"
            if layer is None
            else f'layer "{layer}" has no states',
            expected="an RNN, GRU or LSTM, or another layer that puts out (N, T, units): "
            + (", ".join(filter(None, steps)) or "none here"),
            received=type(passage.predictor.model).__name__ if layer is None else layer,
            mend=did_you_mean(layer, steps) if layer is not None else "",
        )
    part, found = steps[layer]
    return layer or "(all)", type(part).__name__, found


def _steps(passage: Passage) -> dict[str, tuple[Module, Array]]:
    """The layers that put out a vector at every step (T, units), by path."""
    ran: dict[str, list[tuple[Module, Any]]] = {}
    with no_grad(), watching(lambda part, path, out: ran.setdefault(path, []).append((part, out))):
        passage.predictor.model(Tensor(passage.inputs), training=False)
    steps: dict[str, tuple[Module, Array]] = {}
    for path, found in ran.items():
        part, out = found[-1]
        if not isinstance(out, Tensor | tuple | list) or prediction(out).ndim != 3:
            continue
        if prediction(out).shape[1] != len(passage):
            continue
        top = prediction(out).numpy()[0]
        steps[path] = part, top
        if isinstance(part, Recurrent):
            drop = f"{path}.drop".lstrip(".")  # what each of them hands to the next passes there
            below = ran.get(drop, [])[1 - part.num_layers :] if part.num_layers > 1 else []
            levels = [*(prediction(handed).numpy()[:, 0] for _, handed in below), top]
            steps |= {f"{path}.{end}".lstrip("."): (part, own) for end, own in _ways(part, levels)}
    return steps


def _ways(part: Recurrent, levels: Sequence[Array]) -> Iterator[tuple[str, Array]]:
    """The states of every stacked layer in every direction, where there is more than one."""
    if len(levels) * len(part.directions) == 1:
        return
    for level, states in enumerate(levels):
        for place, direction in enumerate(part.directions):
            own = slice(place * part.hidden_size, (place + 1) * part.hidden_size)
            yield f"l{level}{direction}", states[:, own]


def _drawn(passage: Passage, found: Array, units: Array, title: str, alt: str) -> Picture:
    step = min(max(WIDE / len(passage), STEP[0]), STEP[1])
    left, bottom = MARGIN + 0.42, TITLE + len(units) * ROW
    named = step >= LETTER
    largest = float(np.abs(found).max())
    width = max(left + len(passage) * step + MARGIN, inches(title, 11) + 2 * MARGIN)
    with board(width, bottom + 0.85, title) as drawn:
        place = Place(left, TITLE, len(passage) * step, len(units) * ROW)
        drawn.signed(found.T, place, largest)
        drawn.box(place)
        for line, unit in enumerate(units):
            y = TITLE + (line + 0.5) * ROW
            drawn.words(left - 0.06, y, str(unit), colour=MUTED, size=7, align="right")
        every = 1 if named else max(1, round(0.5 / step))
        for number_, label in list(enumerate(passage.labels))[::every]:
            text = label if named else str(number_ + 1)
            x = left + (number_ + 0.5) * step
            size = min(9.0, 72 * step / max(inches(text, 1.0) * 72, 0.66) * 0.95)
            drawn.words(x, bottom + 0.1, text, colour=MUTED, size=size, align="center")
        read = "step" if passage.steps == "steps" else "the character just read"
        drawn.words(left, bottom + 0.3, f"down: unit; across: {read}", colour=MUTED)
        drawn.bar(MARGIN, bottom + 0.6, largest, "state h")
        return drawn.picture(alt)
