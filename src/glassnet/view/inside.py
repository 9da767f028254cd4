"""What goes on inside the network of a run: the pictures of it that fit its data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..models import VAE
from ..nn import Conv2d, Module
from ..nn.attention import AttentionWeights
from ..nn.recurrent import Recurrent
from ..train import Run
from .attention import attention
from .dreams import dreams
from .feature_maps import feature_maps
from .grad_cam import grad_cam
from .network import network
from .picture import Picture
from .states import states
from .surprise import surprise

READ = 24  # characters of a text whose attention is drawn
IMAGES = 6
MAPS = 8  # of a layer


@dataclass(frozen=True, slots=True)
class Look:
    """A picture that can be drawn, and what it shows."""

    title: str
    draw: Callable[[], Picture]
    caption: str


def looks(run: Run) -> Iterator[Look]:
    """The pictures that fit: of images, of texts, of sequences, of points, of codes."""
    data, model = run.held_out, run.model
    images = data.image_shape is not None and data.task == "classification"
    if images and _has(model, Conv2d):
        yield from _of_images(run)
    elif images and _has(model, Recurrent):
        yield Look(
            "What it keeps in mind",
            lambda: states(run, data.inputs[0]),
            "Each row is a unit of the recurrent layer, each column a row of the image it read.",
        )
    if run.predictor.writes and data.targets.ndim == 2:
        yield from _of_a_text(run)
    if data.inputs.shape[1:] == (2,) and data.task in ("classification", "regression"):
        yield Look(
            "What each unit sees",
            lambda: network(run, data),
            "Each square is the plane as a unit sees it, each line a weight, as wide as it is "
            "large: blue is positive, orange negative.",
        )
    if isinstance(model, VAE) and data.image_shape is not None:
        yield Look("What it dreams", lambda: dreams(run), "Images for codes that no image had.")


def _of_images(run: Run) -> Iterator[Look]:
    data = run.held_out
    wrong = np.flatnonzero(run.predict(data) != data.targets)
    some = np.concatenate([wrong, np.setdiff1d(np.arange(len(data)), wrong)])[:IMAGES]
    yield Look(
        "What its layers see",
        lambda: feature_maps(run, data.subset([0]), most=MAPS),
        "What each layer makes of one image it had never seen: blue is positive, orange negative.",
    )
    yield Look(
        "Why it says so",
        lambda: grad_cam(run, data.subset(some)),
        "Grad-CAM: the places that speak for the class it says; mistakes first.",
    )


def _of_a_text(run: Run) -> Iterator[Look]:
    words = run.held_out.inputs[0]
    if _has(run.model, AttentionWeights):
        yield Look(
            "Where it looks",
            lambda: attention(run, words[:READ]),
            "A row is a character that looks, a column one that is looked at.",
        )
    yield Look(
        "What surprises it",
        lambda: surprise(run, words),
        "The deeper the colour, the less it expected the character, from those before it.",
    )


def _has(model: Module, kind: type[Module]) -> bool:
    return any(isinstance(part, kind) for part in model.named_modules().values())
