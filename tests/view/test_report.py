from __future__ import annotations

import dataclasses
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, nn, view
from glassnet.train import Run, fit
from glassnet.view.cards import image_cards
from glassnet.view.judged import Judged
from glassnet.view.report import html

VOID = {"meta", "img", "br"}


class Outline(HTMLParser):
    """Headings and images of a page, once its elements are known to close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.alts: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.alts.append(dict(attrs).get("alt") or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(text)


def test_digits(digits_run: Run, tmp_path: Path) -> None:
    path = view.report(digits_run, tmp_path / "report.html")
    page = path.read_text(encoding="utf-8")
    outline = Outline(page)
    assert outline.headings == [
        "digits",
        "How it learned",
        "Which class is taken for which",
        "Right and wrong",
        "How it flows through the network",
        "The network",
        "What it was made with",
    ]
    held = digits_run.held_out
    right = int((digits_run.predict(held) == held.targets).sum())
    assert f"<b>{right} of {len(held)} right ({100 * right / len(held):.1f} %)</b>" in page
    wrong = len(held) - right
    assert page.count('class="wrong">says') == min(24, wrong)
    assert page.count('class="right">says') == 10
    assert all(outline.alts)
    assert len(page) < 3_000_000


def test_what_happened_inside_is_told_where_it_was_measured(digits_run: Run) -> None:
    assert "What happened inside" not in html(digits_run)
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    points = data.moons(100, seed=0)
    run = fit(model, points, epochs=9, statistics=True, watch_every=5, engine="numpy")
    page = html(run)
    outline = Outline(page)
    assert "What happened inside" in outline.headings
    assert f"<li>{run.statistics.findings[-1].text}</li>" in page
    assert any(alt.startswith("Histograms of the outputs of 3 layers") for alt in outline.alts)
    assert any(alt.startswith("Training over 9 epochs, 36 steps.") for alt in outline.alts)
    assert len(page) < 3_000_000


def test_runs_are_compared_on_one_page(digits_run: Run, moons_run: Run, tmp_path: Path) -> None:
    for name, run in (("a", digits_run), ("b", moons_run)):
        run.save(tmp_path / name)
    folders = [tmp_path / "a", tmp_path / "b"]
    page = view.compared_report(folders, tmp_path / "all.html").read_text(encoding="utf-8")
    outline = Outline(page)
    assert outline.headings == [
        "digits, moons", "Results", "How they learned", "What they were made with",
    ]  # fmt: skip
    assert sum("of 2 runs by epoch" in alt for alt in outline.alts) == 2  # loss and accuracy
    best = max(max(run.history.column("validation_accuracy")) for run in (digits_run, moons_run))
    assert f"<b>{100 * best:.1f} %</b>" in page
    with pytest.raises(gn.FileFormatError, match="is no run folder"):
        view.compared_report([tmp_path], tmp_path / "all.html")
    (tmp_path / "a" / "history.csv").write_text("epoch,loss\n1\n")
    with pytest.raises(gn.FileFormatError, match="is no run folder"):
        view.compared_report(folders, tmp_path / "all.html")
    with pytest.raises(gn.ArgumentError, match="1 to 8"):
        view.compared_report([], tmp_path / "all.html")


def test_the_page_fetches_nothing(digits_run: Run) -> None:
    page = html(digits_run)
    sources = re.findall(r'(?:src|href)="([^"]{0,30})', page)
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert "url(" not in page
    assert "<script" not in page


def test_points_have_regions(moons_run: Run) -> None:
    outline = Outline(html(moons_run))
    assert "What it says about every point" in outline.headings
    assert any(alt.startswith("Decision regions of 2 classes") for alt in outline.alts)


def test_regression_has_predicted_against_true(hills_run: Run) -> None:
    outline = Outline(html(hills_run))
    assert "Predicted against true" in outline.headings
    assert "Which class is taken for which" not in outline.headings
    assert any(alt.startswith("R² over 5 epochs") for alt in outline.alts)


def test_numbers_are_those_of_the_weights_that_were_kept() -> None:
    method = gn.optim.SGD(lr=8.0)  # so large that the loss jumps up and down
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    run = fit(
        model, data.moons(100, seed=0), None, method, epochs=12, validation=0.3, keep_best=True,
        engine="numpy",
    )  # fmt: skip
    lowest = f"{min(run.history['validation_loss']):.3g}"
    assert lowest != f"{run.history['validation_loss'][-1]:.3g}"
    assert f"<b>{lowest}</b><span>loss, held out</span>" in html(run)


def test_without_data_held_out() -> None:
    model = nn.Sequential(nn.Linear(4, 3))
    run = fit(model, data.iris(), epochs=2, engine="numpy")
    page = html(run)
    Outline(page)
    assert "On the 150 rows it learned from" in page
    assert "sepal length (cm)" in page


def test_without_matplotlib_the_page_says_so(
    digits_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("matplotlib", "matplotlib.figure", "matplotlib.backends.backend_agg"):
        monkeypatch.setitem(sys.modules, name, None)
    page = html(digits_run)
    Outline(page)
    assert "pip install &quot;glassnet[plot]&quot;" in page
    assert 'class="right">says' in page  # images need no library


def test_a_run_that_learned_nothing_wrong_says_so(moons_run: Run) -> None:
    predicted = moons_run.predict(moons_run.held_out)
    held = dataclasses.replace(moons_run.held_out, targets=predicted)
    page = html(dataclasses.replace(moons_run, validation=held))
    assert "It got nothing wrong." in page


def test_names_from_the_data_are_escaped(moons_run: Run) -> None:
    evil = dataclasses.replace(
        moons_run.train, name="<script>alert(1)</script>", classes=("<i>", "&")
    )
    page = html(dataclasses.replace(moons_run, train=evil))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_an_interrupted_run_says_so(moons_run: Run) -> None:
    assert "It was stopped early." in html(dataclasses.replace(moons_run, interrupted=True))


def test_the_hook_writes_the_report(moons_run: Run, tmp_path: Path) -> None:
    path = moons_run.report(tmp_path / "r.html")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    with pytest.raises(gn.OutputError):
        moons_run.report(tmp_path / "missing" / "r.html")


def test_the_most_certain_mistake_comes_first(digits_run: Run) -> None:
    judged = Judged.of(digits_run.predictor, digits_run.held_out)
    worst = judged.worst()
    assert judged.certainty is not None
    assert (np.diff(judged.certainty[worst]) <= 0).all()
    assert not judged.right[worst].any()
    assert judged.right[judged.typical()].all()


def test_an_image_is_dark_ink_on_light_paper(digits_run: Run) -> None:
    import base64
    import io

    from matplotlib import image as mpimg

    held = digits_run.held_out
    judged = Judged.of(digits_run.predictor, held)
    card = image_cards(judged, [0])
    content = base64.b64decode(re.search(r"base64,([^\"]+)", card)[1])  # type: ignore[index]
    pixels = mpimg.imread(io.BytesIO(content), format="png")
    raw = held.inputs[0].reshape(8, 8)
    np.testing.assert_allclose(pixels, 1 - raw / held.inputs.max(), atol=1 / 255)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_an_autoencoder_is_reported_by_its_worst_images() -> None:
    images = np.random.default_rng(0).integers(0, 255, (30, 4, 4, 1), np.uint8)
    dataset = data.Dataset(images, name="squares")

    class Same(nn.Module):
        scale: nn.Parameter

        def __init__(self) -> None:
            self.scale = nn.Parameter((1,), "ones")

        def forward(self, x: gn.Tensor) -> gn.Tensor:
            return x * self.scale

    page = html(fit(Same(), dataset, epochs=1, validation=0.4, progress=False))
    text = words(page)
    assert "Reconstruction, without labels" in text
    assert "Above an image, below what the network makes of it" in text
    assert page.count("reconstructed") == 20  # ten of the worst, ten of all
    assert "mean absolute error" in text


def test_several_labels_and_many_numbers_are_reported() -> None:
    points = np.random.default_rng(0).normal(size=(60, 3))
    labels = data.Dataset(points, points > 0, task="multilabel", name="signs")
    assert "Any of 3 labels a row" in words(html(fit(nn.Linear(3, 3), labels, epochs=1)))
    many = data.Dataset(points, np.tile(points, 20), name="many")
    page = html(fit(nn.Linear(3, 60), many, epochs=1))
    assert "Predicted against true target for 30 rows" in page  # every second of 60 · 60 numbers
