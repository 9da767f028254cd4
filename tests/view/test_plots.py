"""The plots: what they say, that they are well made, and what they refuse."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import optim, view
from glassnet.autodiff.stationary import stationary_points
from glassnet.optim.descent import descend
from glassnet.train import History, Run
from glassnet.view.confusion import count
from glassnet.view.palette import DARK, ROLES, SERIES
from glassnet.view.plot import COLOURS, plotting

from .visual import pixels

Texts = Callable[[view.Picture], list[str]]


def history(**columns: list[float]) -> History:
    made = History()
    for epoch, row in enumerate(zip(*columns.values(), strict=True), 1):
        made.append({"epoch": epoch, **dict(zip(columns, row, strict=True))})
    return made


def test_curves_mark_the_best_epoch_held_out(texts: Texts) -> None:
    made = history(loss=[1.0, 0.6, 0.4], validation_loss=[0.9, 0.7, 0.8])
    words = texts(view.curves(made, "loss"))
    assert {"epoch", "loss", "training", "held out", "best held out: 0.7, epoch 2"} <= set(words)


def test_curves_of_accuracy_are_in_per_cent(texts: Texts) -> None:
    made = history(accuracy=[0.5, 0.9], validation_accuracy=[0.6, 0.8])
    picture = view.curves(made, "accuracy")
    assert "best held out: 80.0 %, epoch 2" in texts(picture)
    assert picture.alt == (
        "Accuracy over 2 epochs: training from 50.0 % to 90.0 %, held out from 60.0 % to 80.0 %."
    )


def test_a_loss_that_falls_far_is_drawn_on_a_logarithmic_axis(texts: Texts) -> None:
    words = texts(view.curves(history(loss=[1.0, 0.1, 0.001]), "loss"))
    assert {"0.001", "0.01", "0.1", "1"} <= set(words)


def test_curves_with_one_epoch_or_without_a_number(texts: Texts) -> None:
    texts(view.curves(history(loss=[1.0]), "loss"))
    texts(view.curves(history(loss=[float("nan"), float("inf")]), "loss"))
    with pytest.raises(gn.ArgumentError, match='no column "los"'):
        view.curves(history(loss=[1.0]), "los")


def test_confusion_counts() -> None:
    found = count([0, 0, 1, 2, 2], [0, 1, 1, 2, 0], 3)
    assert found.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 1]]


def test_confusion(texts: Texts) -> None:
    picture = view.confusion([0] * 9 + [1], [0] * 6 + [1] * 4, ["cat", "dog"])
    words = texts(picture)
    assert {"6", "3", "1", "67 %", "100 %", "true", "predicted", "recognised"} <= set(words)
    assert "0" not in words  # an empty cell is empty
    assert picture.alt.endswith("7 right, 3 wrong. Most often cat was taken for dog (3).")


def test_confusion_of_a_class_without_rows(texts: Texts) -> None:
    assert "0 %" in texts(view.confusion([0, 0], [0, 0], ["a", "b"]))


def test_confusion_refuses_labels_without_a_name() -> None:
    with pytest.raises(gn.DataError, match="a label has no name"):
        view.confusion([0, 2], [0, 1], ["a", "b"])
    with pytest.raises(gn.DataError, match="a true and a predicted"):
        view.confusion([0, 1], [0], ["a", "b"])


def test_boundary(moons_run: Run, texts: Texts) -> None:
    picture = view.boundary(moons_run.predictor, moons_run.held_out, moons_run.train)
    assert {"class 0", "class 1", "small: learned from"} <= set(texts(picture))
    wrong = int((moons_run.predict(moons_run.held_out) != moons_run.held_out.targets).sum())
    assert f"50 points, {wrong} of them on the wrong side" in picture.alt


def test_boundary_is_for_two_features(hills_run: Run) -> None:
    with pytest.raises(gn.DataError, match="two features"):
        view.boundary(hills_run.predictor, hills_run.held_out)


def test_predicted_against_true(texts: Texts) -> None:
    true = np.array([[1.0, 2.0], [3.0, 4.0]])
    words = texts(view.predicted_against_true(true, true + 0.5, name="height (m)"))
    assert {"true height (m)", "predicted height (m)", "output 1", "output 2"} <= set(words)
    texts(view.predicted_against_true([1.0, 1.0], [1.0, 1.0]))
    with pytest.raises(gn.ShapeError, match="each true number has a predicted one"):
        view.predicted_against_true([1.0], [1.0, 2.0])


def test_descent_of_one_number(texts: Texts) -> None:
    def f(x: gn.Tensor) -> gn.Tensor:
        return x**4 - 3 * x**2 + x

    path = descend(f, 2.0, optim.SGD(lr=0.02), steps=10)
    words = texts(view.descent(path, stationary=stationary_points(f, -2, 2)))
    assert {"start", "step 10", "minimum: x = −1.301, 1.131", "maximum: x = 0.1699"} <= set(words)


@pytest.mark.parametrize("steps", [0, 1, 80])
def test_descent_of_two_numbers(texts: Texts, steps: int) -> None:
    path = descend(lambda x: (x**2).sum(), [1.0, 2.0], steps=steps)
    assert {"p", "q", "start", f"step {steps}"} <= set(texts(path.picture(names=["p", "q"])))


def test_descent_of_more_numbers_cannot_be_drawn() -> None:
    path = descend(lambda x: (x**2).sum(), [1.0, 2.0, 3.0], steps=1)
    with pytest.raises(gn.ShapeError, match="one or two dimensions"):
        path.picture()
    assert path._repr_svg_() is None


def test_a_plot_has_the_same_bytes_each_time() -> None:
    made = history(loss=[1.0, 0.5])
    assert view.curves(made, "loss").svg == view.curves(made, "loss").svg


def test_a_plot_leaves_the_settings_of_matplotlib_alone() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    view.confusion([0, 1], [0, 1], ["a", "b"]).png()
    assert dict(mpl.rcParams) == before


def test_several_panels_with_one_legend(texts: Texts) -> None:
    with plotting(6, 3, columns=2, sharey=True) as plot:
        for panel, name in zip(plot.panels, ("left", "right"), strict=True):
            panel.plot([0, 1], [0, 1], color=COLOURS[0], label="same")
            panel.set_title(name)
        plot.legend_below()
        words = texts(plot.picture("Two panels."))
    assert {"left", "right"} <= set(words)
    assert words.count("same") == 1


def test_every_colour_of_a_plot_has_its_dark_form() -> None:
    with plotting(2, 2) as plot:
        axes = plot.axes
        axes.scatter([0, 1], [0, 1], color=COLOURS[1], alpha=0.5)  # a collection
        axes.plot([0, 1], [1, 0], "o-", color=COLOURS[0])  # a line with markers
        axes.contourf([[0, 1], [1, 2]], [0.5, 1.5], colors=[COLOURS[2]])
        axes.fill_between([0, 1], [0, 1], color=COLOURS[3])
        axes.set(xlabel="x", title="y")
        picture = plot.picture("All kinds.")
    found = {
        f"#{r:02x}{g:02x}{b:02x}"
        for r, g, b in pixels(picture.png(dark=True)).reshape(-1, 3).astype(int)
    }
    drawn = {ROLES["ground"], ROLES["ink"], ROLES["muted"], *(SERIES[i] for i in (0, 2, 3))}
    assert {role.dark for role in drawn} <= found
    assert not {role.light for role in drawn if role.light not in DARK.values()} & found
    assert picture.png() != picture.png(dark=True)


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("matplotlib", "matplotlib.figure", "matplotlib.backends.backend_agg"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(gn.MissingDependencyError, match=r"glassnet\[plot\]"):
        view.curves(history(loss=[1.0]), "loss")


def test_importing_view_loads_no_plotting() -> None:
    probe = (
        "import glassnet.view, sys; "
        "print([m for m in ('matplotlib', 'grandalf', 'rich', 'typer') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
