"""Small trainings that many tests of pictures look at, and what every SVG has to fulfil."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

import glassnet as gn
from glassnet import data, models, nn, optim
from glassnet.data import Dataset
from glassnet.train import Predictor, Run, fit
from glassnet.train.reading import READINGS
from glassnet.view import Picture
from glassnet.view.palette import ROLES, SERIES

from .visual import DPI, TOLERANCE, Looks, compare

LIGHT = {role.light for role in (*ROLES.values(), *SERIES)}


def trained(dataset: Dataset, *hidden: int, epochs: int = 3, scale: bool = True) -> Run:
    learn, held = data.split(dataset, 0.25, seed=0)
    if scale:
        learn, held = data.standardise(learn, held)
    width, layers = int(learn.inputs[0].size), []
    for units in hidden:
        layers += [nn.Linear(width, units), nn.Tanh()]
        width = units
    model = nn.Sequential(*layers, nn.Linear(width, learn.outputs))
    method = optim.Adam(lr=0.02)
    return fit(model, learn, None, method, epochs=epochs, validation=held, engine="numpy")


@pytest.fixture(scope="session")
def digits_run() -> Run:
    return trained(data.digits(), 32, epochs=4)


@pytest.fixture(scope="session")
def moons_run() -> Run:
    return trained(data.moons(200, seed=0), 8, epochs=5)


@pytest.fixture(scope="session")
def hills_run() -> Run:
    return trained(data.hills(200, seed=0), 8, epochs=5)


@pytest.fixture
def worked_example() -> gn.Tensor:
    a, b, w, t = (
        gn.tensor(value, name=name, requires_grad=True)
        for name, value in zip("abwt", (1.0, 2.0, 2.0, 4.0), strict=True)
    )
    loss = ((a + b) * w - t) ** 2 + w**2
    loss.backward()
    return loss


@pytest.fixture(scope="session")
def texts() -> Callable[[Picture], list[str]]:
    """The words of a picture, once it is known to be well made."""

    def read(picture: Picture) -> list[str]:
        root = ET.fromstring(picture.svg)
        titles = [e.text for e in root.iter("{http://www.w3.org/2000/svg}title")]
        assert titles == [picture.alt]
        assert "prefers-color-scheme:dark" in picture.svg
        inline = "".join(re.findall(r'style="([^"]*)"', picture.svg))
        assert set(re.findall(r"#[0-9a-f]{6}", inline)) <= LIGHT, "a colour beyond the palette"
        assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", picture.svg).replace(
            "http://www.w3.org/1999/xlink", ""
        ), "a picture fetches nothing"
        words = root.iter("{http://www.w3.org/2000/svg}text")
        return ["".join(e.itertext()).strip() for e in words]

    return read


@pytest.fixture
def looks(request: pytest.FixtureRequest, tmp_path: Path) -> Looks:
    """`looks(picture, "graph")` holds that it looks as the stored reference of that name does.

    A picture of very many lines is compared with fewer `dpi`, and its reference stays small.
    """

    def look(picture: Picture, name: str, *, dark: bool = False, dpi: int = DPI) -> None:
        update = request.config.getoption("update_snapshots")
        found = compare(picture, name, dark=dark, update=update, dpi=dpi)
        if found > TOLERANCE:
            seen = tmp_path / f"{name}.png"
            seen.write_bytes(picture.png(dark=dark))
            pytest.fail(
                f"the picture differs from references/{name}.png by {found:.0f} of 255 (at most "
                f"{TOLERANCE:g}); look at {seen}, and if you mean the change, run this test with "
                "--update-snapshots",
                pytrace=False,
            )

    return look


@pytest.fixture(scope="session")
def eights() -> Dataset:
    """The digits as images (8, 8, 1)."""
    digits = data.digits()
    pixels = digits.inputs.reshape(-1, 8, 8, 1)
    return Dataset(pixels, digits.targets, name="digits", classes=digits.classes)


@pytest.fixture(scope="session")
def eyes() -> nn.Module:
    """A small convolutional network for 8×8 digits, as it is drawn: the same on every machine."""
    layers = [
        *(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(96, 10)),
    ]
    return nn.Sequential(*layers).initialise(3)


@pytest.fixture(scope="session")
def writer() -> Predictor:
    """A small GPT of a few letters, as it is drawn, with scores large enough to be seen."""
    letters = data.Vocabulary.characters("abcdef \n")
    rows = data.windows(letters.encode("bad cafe\nfed " * 3), 12, vocabulary=letters, name="abc")
    model = models.gpt(len(letters), 12, layers=2, heads=2, width=8).initialise(5)
    for name, parameter in model.named_parameters().items():
        if "_proj.weight" in name or name == "tokens.weight":
            parameter.array[:] *= 40.0
    return Predictor.of(model, READINGS["logits"], rows)
