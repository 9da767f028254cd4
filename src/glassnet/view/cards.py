"""Rows of a data set as cards of a web page: what the network saw, said, and should have said."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from typing import Any

import numpy as np

from ..data import Dataset
from .judged import Judged
from .numbers import percent
from .png import png, to_bytes

Array = np.ndarray[Any, Any]


def image_cards(judged: Judged, rows: Iterable[int]) -> str:
    """A list of images, each with the predicted class, its probability, and the true class."""
    return f'<ul class="samples">{"".join(_image_card(judged, int(row)) for row in rows)}</ul>'


def _image_card(judged: Judged, row: int) -> str:
    dataset = judged.dataset
    said, true = dataset.classes[judged.labels[row]], dataset.classes[dataset.targets[row]]
    alt = f"a {true}, taken for a {said}" if said != true else f"a {true}, recognised"
    style = "right" if said == true else "wrong"
    sure = "" if judged.certainty is None else f" <span>{_sure(judged.certainty[row])}</span>"
    truth = "" if said == true else f"<span>is {escape(true)}</span>"
    return (
        f'<li>{image_element(dataset, row, alt)}<b class="{style}">says {escape(said)}</b>'
        f"{sure}{truth}</li>"
    )


def image_element(dataset: Dataset, row: int, alt: str) -> str:
    """The image of a row as an HTML element."""
    shape, raw = dataset.image_shape or dataset.inputs.shape[1:], dataset.inputs
    return image_html(raw[row].reshape(shape), float(raw.min()), float(raw.max()), alt)


def image_html(image: Array, low: float, high: float, alt: str) -> str:
    """An image (height, width, channels) as an element; a grey one as dark ink on light paper.

    Args:
        image: of any numbers.
        low: what is drawn darkest; of a grey image lightest.
        high: the other end.
        alt: what it shows, in words.
    """
    scaled = to_bytes(image, low, high)
    grey = scaled.ndim == 2 or scaled.shape[2] == 1
    data = base64.b64encode(png(255 - scaled if grey else scaled)).decode()
    kind = ' class="ink-on-paper"' if grey else ""
    return f'<img{kind} alt="{escape(alt)}" src="data:image/png;base64,{data}">'


def row_table(judged: Judged, rows: Iterable[int]) -> str:
    """A table of rows: their features, the predicted class, and the true one."""
    dataset = judged.dataset
    names = dataset.features or tuple(f"x{i + 1}" for i in range(dataset.inputs[0].size))
    head = "".join(f'<th class="number">{escape(name)}</th>' for name in names)
    raw = dataset.inputs.reshape(len(dataset), -1)
    body = "".join(
        "<tr>"
        + "".join(f'<td class="number">{value:.4g}</td>' for value in raw[row])
        + f"<td>{_said(judged, row)}</td>"
        + f"<td>{escape(dataset.classes[dataset.targets[row]])}</td></tr>"
        for row in rows
    )
    return (
        f'<div class="wide rows"><table><thead><tr>{head}<th>says</th><th>is</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _said(judged: Judged, row: int) -> str:
    name = escape(judged.dataset.classes[judged.labels[row]])
    sure = "" if judged.certainty is None else f" ({_sure(judged.certainty[row])})"
    return f'<b class="wrong">{name}</b>{sure}'


def _sure(share: float) -> str:
    return escape(f"{percent(share)} sure")
