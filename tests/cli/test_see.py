from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glassnet import data, losses, models, nn
from glassnet.files import save
from glassnet.train import fit

from .conftest import Run


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A convolutional network on rows of 64 numbers that are images."""
    few = data.digits().subset(range(200))
    images = data.Dataset(
        few.inputs.reshape(-1, 8, 8, 1), few.targets, name="digits", classes=few.classes
    )
    layers = (nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(108, 10))
    run = fit(nn.Sequential(*layers), images, epochs=1, engine="numpy")
    return str(save(run, tmp_path_factory.mktemp("digits") / "digits.gn"))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> str:
    letters = data.Vocabulary.characters("abcdef ")
    rows = data.windows(letters.encode("bad cafe fed " * 4), 12, vocabulary=letters, name="abc")
    model = models.gpt(len(letters), 12, layers=1, heads=2, width=8)
    run = fit(model, rows, epochs=1, engine="numpy")
    return str(save(run, tmp_path_factory.mktemp("book") / "book.gn"))


@pytest.fixture(scope="module")
def dreamer(tmp_path_factory: pytest.TempPathFactory) -> str:
    model, few = models.vae((64,), hidden=(8,), code=2), data.digits().subset(range(64))
    run = fit(model, few.unlabelled(), losses.negative_elbo, epochs=1, engine="numpy")
    return str(save(run, tmp_path_factory.mktemp("dreamer") / "dreamer.gn"))


@pytest.fixture
def scans(tmp_path: Path) -> str:
    path = tmp_path / "scans.npy"
    np.save(path, data.digits().inputs[:8].reshape(-1, 8, 8, 1))
    return str(path)


@pytest.mark.parametrize(
    ("what", "begins"),
    [
        ("filters", "Filters of layer 0: 3 of 3×3"),
        ("feature-maps", "Feature maps of 2 layers"),
        ("saliency", "Saliency of 6 images"),
        ("grad-cam", "Grad-CAM at layer 1 (6×6) of 6 images"),
        ("occlusion", "Occlusion by squares of 2 pixels of 6 images"),
    ],
)
def test_images(run: Run, digits: str, scans: str, what: str, begins: str) -> None:
    said = run("see", digits, what, *(() if what == "filters" else (scans,)))
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(begins)


def test_options(run: Run, digits: str, scans: str, tmp_path: Path) -> None:
    options = ("--rows", "2,5", "--target", "7", "--layer", "0", "--out", "why.svg")
    said = run("see", digits, "grad-cam", scans, *options)
    assert said.out.split() == ["written", "why.svg"]
    words = "Grad-CAM at layer 0 (6×6) of 2 images; the first is asked why 7."
    assert words in (tmp_path / "why.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("what", "begins"),
    [
        ("attention", "Attention of 1 layer × 2 heads over “bad c”."),
        ("next-token", "What comes after “bad␣c”:"),
        ("surprise", "Surprise over 5 characters:"),
    ],
)
@pytest.mark.parametrize("file", [False, True])
def test_texts(run: Run, book: str, tmp_path: Path, what: str, begins: str, file: bool) -> None:
    (tmp_path / "beginning.txt").write_text("bad c", encoding="utf-8")
    said = run("see", book, what, "beginning.txt" if file else "bad c")
    assert said.out.startswith(begins)


def test_states_of_another_layer(run: Run, book: str) -> None:
    assert run("see", book, "states", "bad", "--layer", "norm").out.startswith("States of layer no")
    assert "no recurrent layer" in run("see", book, "states", "bad").err


def test_autoencoders(run: Run, dreamer: str) -> None:
    assert run("see", dreamer, "dreams").out.startswith("144 images decoded from the plane")
    assert run("see", dreamer, "walk", "digits", "--rows", "3,9").out.startswith(
        "A walk of 9 steps"
    )
    assert run("see", dreamer, "codes", "digits").out.startswith("Codes of 599 images")


def test_labelled_images(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    model = nn.Sequential(nn.Linear(64, 10))
    trained = fit(model, data.digits(), epochs=1, engine="numpy")
    path = str(save(trained, tmp_path_factory.mktemp("rows") / "rows.gn"))
    assert run("see", path, "samples", "digits").out.startswith("24 images: ")
    assert run("see", path, "samples", "digits", "--rows", "1,2").out.startswith("2 images: ")
    assert "mistakes in 1797 images" in run("see", path, "mistakes", "digits").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("salience", "scans.npy"), 'no picture "salience"'),
        (("saliency",), "saliency needs images"),
        (("filters", "scans.npy"), "filters needs no data"),
        (("filters", "--target", "3"), "filters takes no --target"),
        (("saliency", "scans.npy", "--rows", "9"), "no rows of the data"),
        (("saliency", "scans.npy", "--rows", "a"), "no rows of the data"),
        (("saliency", "scans.npy", "--target", "ten"), 'no class "ten"'),
    ],
)
def test_mistakes(
    run: Run, digits: str, scans: str, arguments: tuple[str, ...], words: str
) -> None:
    said = run("see", digits, *arguments)
    assert said.code == 2
    assert words in said.err
    assert scans.endswith("scans.npy")


def test_points(run: Run, tmp_path: Path) -> None:
    few, layers = data.moons(40, seed=0), (nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    path = str(save(fit(nn.Sequential(*layers), few, epochs=1), tmp_path / "moons.gn"))
    assert run("see", path, "network", "moons").out.startswith(
        "A network of 2 features, 3 units in layer 1 · Tanh, and 2 outputs"
    )
    assert run("see", path, "boundary", "moons").out.startswith("Decision regions of 2 classes")
    assert "network needs a data set of two features" in run("see", path, "network").err
