"""Occlusion: against one square after the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn, ops, view
from glassnet.data import Dataset
from glassnet.train import Run
from glassnet.view.occlusion import drops
from glassnet.view.subject import Subject

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def test_each_pixel_is_the_mean_over_the_squares_on_it(eyes: nn.Module, eights: Dataset) -> None:
    images, targets = eights.inputs[:2], np.array([3, 7])
    found = drops(Subject.of(eyes, images), targets, 3, 2)
    starts = (0, 2, 4, 5)
    for i in range(2):
        total, seen = np.zeros((8, 8)), np.zeros((8, 8))
        whole = ops.softmax(eyes(images[i : i + 1])).numpy()[0, targets[i]]
        for y in starts:
            for x in starts:
                hidden = images[i].copy()
                hidden[y : y + 3, x : x + 3] = images[i].mean()
                said = ops.softmax(eyes(hidden[None])).numpy()[0, targets[i]]
                total[y : y + 3, x : x + 3] += whole - said
                seen[y : y + 3, x : x + 3] += 1
        np.testing.assert_allclose(found[i], total / seen, atol=1e-6)


def test_what_is_drawn(eyes: nn.Module, eights: Dataset, texts: Texts, looks: Looks) -> None:
    picture = view.occlusion(eyes, eights.subset([0, 1, 2]))
    title = "Occlusion: what a hidden square of 2×2 pixels takes from the class"
    assert title in texts(picture)
    looks(picture, "occlusion")


def test_rows_are_hidden_as_the_network_receives_them(digits_run: Run) -> None:
    subject = Subject.of(digits_run, digits_run.train.subset([0]))
    found = drops(subject, subject.predicted(), 8, 8)
    assert np.ptp(found) == 0.0  # all of it is hidden at once


def test_squares_that_do_not_fit(eyes: nn.Module, eights: Dataset) -> None:
    for settings in ({"size": 9}, {"size": 0}, {"size": 2, "step": 3}, {"step": 0}):
        with pytest.raises(gn.ArgumentError, match="does not fit"):
            view.occlusion(eyes, eights.inputs[0], **settings)


def test_outputs_without_probabilities(eights: Dataset) -> None:
    few = eights.subset(range(20))
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    run = gn.fit(model, few, gn.losses.hinge, epochs=1, engine="numpy")
    with pytest.raises(gn.DataError, match="tell none"):
        view.occlusion(run, few.subset([0]))
