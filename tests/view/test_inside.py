"""The pictures of what goes on inside, as a report gathers them."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, losses, models, nn
from glassnet.data import Dataset
from glassnet.train import Predictor, Run
from glassnet.view.inside import looks
from glassnet.view.report import html


def learned(model: nn.Module, rows: Dataset, loss: object = None) -> Run:
    return gn.fit(model, rows, loss, epochs=1, seed=0, engine="numpy")  # type: ignore[arg-type]


def drawn(run: Run) -> list[str]:
    return [look.draw().alt.split(" of ")[0].split(" over ")[0] for look in looks(run)]


def test_of_images_what_layers_see_and_why(eights: Dataset) -> None:
    layers = (nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 10))
    run = learned(nn.Sequential(*layers), eights.subset(range(40)))
    assert drawn(run) == ["Feature maps", "Grad-CAM at layer 1 (6×6)"]
    page = html(run)
    assert page.index("Right and wrong") < page.index("What its layers see")
    assert "Why it says so" in page


def test_of_images_read_row_by_row(eights: Dataset) -> None:
    run = learned(models.lstm_classifier(8, 10, hidden_size=4), eights.subset(range(40)))
    assert drawn(run) == ["States"]


def test_of_a_text(writer: Predictor) -> None:
    assert writer.vocabulary is not None
    tokens = writer.vocabulary.encode("bad cafe\nfed " * 4)
    rows = data.windows(tokens, 12, vocabulary=writer.vocabulary)
    run = learned(models.gpt(8, 12, layers=1, heads=1, width=4), rows)
    assert drawn(run) == ["Attention", "Surprise"]
    assert "What surprises it" in html(run)


def test_of_a_variational_autoencoder() -> None:
    rows = data.digits().subset(range(40)).unlabelled()
    run = learned(models.vae((64,), hidden=(4,), code=2), rows, losses.negative_elbo)
    assert drawn(run) == ["144 images decoded from the plane"]


def test_of_points(moons_run: Run, hills_run: Run) -> None:
    assert drawn(moons_run) == ["A network"]
    assert "What each unit sees" in html(moons_run)
    assert drawn(hills_run) == ["A network"]


def test_a_picture_that_does_not_fit_is_left_out(eights: Dataset) -> None:
    model = nn.Sequential(nn.Conv2d(1, 10, 8), nn.Flatten())  # maps of a single place
    run = learned(model, eights.subset(range(40)))
    with pytest.raises(gn.ArgumentError):
        drawn(run)
    page = html(run)
    assert "Right and wrong" in page
    assert "What its layers see" not in page
    assert np.isfinite(run.history["loss"]).all()
