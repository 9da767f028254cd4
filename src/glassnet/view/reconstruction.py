"""Images beside what an autoencoder makes of them: the worst first, then some of the usual."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..data import Dataset
from ..train import Predictor
from .cards import image_html

Array = np.ndarray[Any, Any]
MOST = 2000  # rows looked at
SHOWN = 10  # of the worst, and of the usual


def reconstruction_cards(predictor: Predictor, dataset: Dataset) -> tuple[str, str]:
    """Lists of images as HTML: those reconstructed worst, and some spread over all.

    A card has the image above, its reconstruction below, and the mean squared error between them.
    """
    few = dataset.subset(slice(0, MOST))
    true, again = few.prepared(), predictor.predict(few).reshape(few.inputs.shape)
    errors = ((again - true) ** 2).reshape(len(few), -1).mean(axis=1)
    order = np.argsort(-errors, kind="stable")
    usual = order[np.linspace(0, len(order) - 1, min(SHOWN, len(order))).astype(int)]
    worst, spread = (_cards(true, again, errors, rows, few) for rows in (order[:SHOWN], usual))
    return worst, spread


def _cards(true: Array, again: Array, errors: Array, rows: Array, dataset: Dataset) -> str:
    shape = dataset.image_shape or dataset.inputs.shape[1:]
    low, high = float(true.min()), float(true.max())

    def card(row: int) -> str:
        pair = (
            image_html(np.clip(numbers[row], low, high).reshape(shape), low, high, alt)
            for numbers, alt in ((true, f"row {row}"), (again, f"row {row}, reconstructed"))
        )
        return f"<li>{''.join(pair)}<span>error {errors[row]:.3g}</span></li>"

    return f'<ul class="samples">{"".join(card(int(row)) for row in rows)}</ul>'
