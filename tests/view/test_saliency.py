"""Saliency: gradients of one score by the pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from glassnet import nn, view
from glassnet.data import Dataset
from glassnet.train import Run
from glassnet.view.evidence import HOT
from glassnet.view.saliency import slopes
from glassnet.view.subject import Subject

from .pixels import masks
from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def test_of_a_linear_network_it_is_the_weights(eights: Dataset) -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10, seed=0))
    subject = Subject.of(model, eights.inputs[:2])
    found = slopes(subject, np.array([3, 7]))
    weight = np.abs(model[1].weight.numpy()).reshape(10, 8, 8)
    np.testing.assert_allclose(found, weight[[3, 7]], rtol=1e-6)


def test_the_largest_channel_counts() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 2, seed=0))
    subject = Subject.of(model, np.zeros((2, 2, 3), np.float32))
    weight = model[1].weight.numpy()[1].reshape(2, 2, 3)
    np.testing.assert_allclose(slopes(subject, np.array([1]))[0], np.abs(weight).max(axis=2))


def test_images_together_and_alone_are_alike(eyes: nn.Module, eights: Dataset) -> None:
    together = Subject.of(eyes, eights.inputs[:4])
    targets = together.predicted()
    found = slopes(together, targets)
    for i in range(4):
        alone = slopes(Subject.of(eyes, eights.inputs[i]), targets[i : i + 1])
        np.testing.assert_allclose(found[i], alone[0], rtol=1e-4, atol=1e-7)
    assert all(p.grad is None for p in eyes.parameters())


def test_what_is_drawn(eyes: nn.Module, eights: Dataset, texts: Texts, looks: Looks) -> None:
    picture = view.saliency(eyes, eights.inputs[0], target=4)
    words = texts(picture)
    assert words[0] == "Saliency: the pixels that would change the class most"
    assert any(word.startswith("why 4, ") for word in words)
    heat = masks(picture, HOT)[0]
    found = slopes(Subject.of(eyes, eights.inputs[0]), np.array([4]))[0]
    np.testing.assert_allclose(heat, found / found.max(), atol=1 / 255)
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert f"why 4. Largest at row {row}, column {column};" in picture.alt
    looks(picture, "saliency")


def test_a_run_on_rows_with_the_truth(digits_run: Run, texts: Texts) -> None:
    predicted = digits_run.predict(digits_run.held_out)
    wrong = int(np.flatnonzero(predicted != digits_run.held_out.targets)[0])
    words = texts(view.saliency(digits_run, digits_run.held_out.subset([0, wrong])))
    assert f"is {digits_run.held_out.targets[wrong]}" in words
