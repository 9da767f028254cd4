"""What a network that predicts the next token expects after a text."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..ops import log_softmax
from .passage import Passage, symbol
from .picture import Picture
from .plot import COLOURS, INK, plotting
from .subject import Network

Array = np.ndarray[Any, Any]

MOST = 12  # bars
GUESS, TRUE = COLOURS[5], COLOURS[0]


def next_token(network: Network, sequence: Any, position: int = -1, *, most: int = MOST) -> Picture:
    """The probabilities of what comes next, the likeliest first, as bars.

    Args:
        network: a run on a text, its predictor, or a module that puts out (N, T, tokens).
        sequence: a text, or tokens (T,).
        position: after which of them; the last when left out. What truly follows is marked.
        most: bars drawn.

    Raises:
        ArgumentError: no such position.
        DataError: a text for a network that knows no characters, or nothing to read.
        ShapeError: the network puts out no scores for the next token.

    >>> from glassnet import models, view
    >>> model = models.gpt(5, 8, layers=1, heads=1, width=8).initialise(0)
    >>> view.next_token(model, [3, 1, 4], most=2)  # doctest: +ELLIPSIS
    <picture: What comes after 3 tokens: ...>
    """
    passage = Passage.of(network, sequence)
    count = len(passage)
    if not -count <= position < count:
        raise ArgumentError(
            "there is no such position",
            expected=f"0 to {count - 1}, or −1 for the last",
            received=f"{position=}",
        )
    at = position % count
    chances = np.exp(log_probabilities(passage)[at].astype(np.float64))
    true = int(passage.inputs[0, at + 1]) if at + 1 < count else None
    order = np.argsort(-chances, kind="stable")[: max(1, most)]
    if true is not None and true not in order:
        order = np.append(order[:-1], true)
    names = [_name(passage, int(token)) for token in order]
    read = f"“{''.join(passage.labels[max(0, at - 23) : at + 1])}”"
    what = read if passage.predictor.vocabulary is not None else f"{at + 1} tokens"
    with plotting(5.2, 0.9 + 0.24 * len(order)) as plot:
        axes, shares = plot.axes, 100 * chances[order]
        colours = [TRUE if token == true else GUESS for token in order]
        axes.barh(range(len(order)), shares, color=colours, height=0.72, linewidth=0)
        for line, share in enumerate(shares):
            axes.text(
                share + 0.01 * shares.max(), line, _percent(share), va="center", color=INK, size=9
            )
        axes.set_yticks(range(len(order)), names)
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.set(ylim=(len(order) - 0.4, -0.6), xlim=(0, 1.16 * shares.max()))
        axes.set(xlabel="probability in %", title=f"What comes after {what}?")
        axes.grid(visible=False, axis="y")
        if true is not None:
            for colour, label in ((TRUE, "what follows"), (GUESS, "other guesses")):
                axes.plot([], [], "s", color=colour, markersize=8, label=label)
            plot.legend_below()
        told = ", ".join(
            f"{n} {_percent(100 * chances[t])}" for n, t in zip(names, order, strict=True)
        )
        follows = "" if true is None else f" What follows is {_name(passage, true)}."
        return plot.picture(f"What comes after {what}: {told}.{follows}")


def log_probabilities(passage: Passage, rows: slice = slice(None)) -> Array:
    """ln p of every token after each step (T, tokens)."""
    logits = passage.predictor.model.predict(passage.inputs[:, rows])
    if logits.ndim != 3 or passage.inputs.ndim != 2:
        raise ShapeError(
            "this network does not predict the next token",
            expected="tokens (N, T) in, scores (N, T, tokens) out",
            received=f"{passage.inputs.shape} in, {logits.shape} out",
        )
    return log_softmax(logits)[0].numpy()


def _name(passage: Passage, token: int) -> str:
    words = passage.predictor.vocabulary
    return str(token) if words is None else symbol(words.symbols[token])


def _percent(share: float) -> str:
    return "< 0.1 %" if 0.0 < share < 0.05 else f"{share:.1f} %"
