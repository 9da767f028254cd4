"""Pictures of training: histograms, norms, curves at a glance, comparisons, gradient noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, nn, optim, train, view
from glassnet.train import History, Run
from glassnet.view.progress import smooth

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


@pytest.fixture(scope="module")
def run() -> Run:
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    rate = optim.Adam(lr=optim.Cosine(0.05, steps=60))
    return gn.fit(
        model, data.moons(100, seed=0), optimizer=rate, epochs=20, validation=0.2, engine="numpy",
        statistics=True, watch_every=3,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made() -> train.Statistics:
    """Weights that widen and gradients that shrink, with nothing left to chance."""
    found = train.Statistics({"0": "Linear", "1": "Linear"}, {"0.weight": (4, 4), "1.weight": (4,)})
    counts = np.array([0, 1, 4, 9, 14, 9, 4, 1] + [0] * 24, float)
    keys = [(kind, "0.weight", 0) for kind in ("weight", "gradient", "update")]
    for reading in range(6):
        wide = 1.0 + 0.3 * reading
        row = [
            [16.0, -scale, scale, 0.0, scale / 2, 0.0, *np.roll(counts, 2 * reading)]
            for scale in (wide, 0.1 / wide**3, 0.01 / wide)
        ]
        found.keep(1 + 10 * reading, keys, np.concatenate(row))
    return found


@pytest.mark.parametrize("dark", [False, True])
def test_histograms_look(made: train.Statistics, looks: Looks, dark: bool) -> None:
    looks(view.histograms(made), "histograms-dark" if dark else "histograms", dark=dark)


def test_norms_look(made: train.Statistics, looks: Looks) -> None:
    looks(view.norms(made), "norms")


def test_histograms_say_what_they_show(run: Run, texts: Texts) -> None:
    picture = view.histograms(run.statistics, "activation")
    words = texts(picture)
    assert {"0 (Linear)", "1 (Tanh)", "2 (Linear)", "step", "outputs", "1", "58"} <= set(words)
    rms = run.statistics["activation", "1"].rms
    assert f"1 (Tanh): root mean square {rms[0]:.2g} at first, {rms[-1]:.2g} at last" in picture.alt
    only = view.histograms(run.statistics, "gradient", ["2.bias"])
    assert only.alt.startswith("Histograms of the gradients of 1 parameters over steps 1 to 58.")
    with pytest.raises(gn.ArgumentError, match="did you mean"):
        view.histograms(run.statistics, "weight", ["0.weigth"])
    with pytest.raises(gn.ArgumentError, match="no reading"):
        view.histograms(train.Statistics({}, {}))


def test_norms_say_what_they_show(run: Run, texts: Texts) -> None:
    picture = view.norms(run.statistics)
    assert {"0.weight", "2.weight", "‖update‖ / ‖weight‖", "usual"} <= set(texts(picture))
    share = 100 * np.median(run.statistics.ratio("2.weight"))
    assert f"a step changed it by {share:.2g} % of itself." in picture.alt


def test_progress_shows_loss_metric_and_rate(run: Run, texts: Texts) -> None:
    picture = view.progress(run)
    words = texts(picture)
    assert {"loss", "accuracy", "learning rate", "each step", "training", "held out"} <= set(words)
    assert picture.alt.startswith("Training over 20 epochs, 60 steps. Loss ")
    assert f"Learning rate 0.05 to {run.rates[-1]:.3g}." in picture.alt
    with pytest.raises(gn.ArgumentError, match="no epoch"):
        view.progress(Run(run.predictor, run.train, None, {}))


def test_progress_of_a_run_without_steps(run: Run) -> None:
    bare = Run(run.predictor, run.train, run.validation, {}, history=run.history)
    assert "Learning rate not known." in view.progress(bare).alt


def test_the_running_mean_looks_back_a_little() -> None:
    np.testing.assert_allclose(smooth(np.arange(5.0)), np.arange(5.0))  # a window of one
    values = np.ones(100) * 2.0
    values[50] = 5.0
    assert smooth(values)[[49, 50, 52, 53]].tolist() == [2.0, 3.0, 3.0, 2.0]


def made_history(*losses: float, seconds: float = 1.0) -> History:
    history = History()
    for epoch, loss in enumerate(losses, 1):
        row = {"epoch": epoch, "loss": loss, "validation_loss": 2 * loss, "seconds": seconds}
        history.append(row)
    return history


def test_runs_are_compared_by_what_was_held_out(texts: Texts, looks: Looks) -> None:
    runs = {"Adam": made_history(1.0, 0.5, 0.6), "SGD": made_history(1.0, 0.9, 0.8)}
    picture = view.compare(runs)
    assert {"Adam: best 1", "SGD: best 1.6", "loss, held out", "epoch"} <= set(texts(picture))
    assert picture.alt == "Loss of 2 runs by epoch. Best: Adam 1, SGD 1.6."
    assert "seconds of training" in texts(view.compare(runs, by="seconds"))
    looks(picture, "compare")


def test_what_cannot_be_compared_is_told(run: Run) -> None:
    assert "moons" in view.compare([run]).alt
    with pytest.raises(gn.ArgumentError, match="1 to 8"):
        view.compare({})
    with pytest.raises(gn.ArgumentError, match="by epoch or by seconds"):
        view.compare([run], by="hours")
    with pytest.raises(gn.ArgumentError, match='no epoch of "a"'):
        view.compare({"a": History()})


# -- gradient noise -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def noise() -> train.GradientNoise:
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    points = data.moons(128, seed=0)
    return gn.gradient_noise(model, points, sizes=(2, 8, 32), steps=12, lr=0.5, engine="numpy")


def test_the_spread_of_gradients_follows_the_law(noise: train.GradientNoise) -> None:
    assert noise.sizes == (2, 8, 32, 128)
    np.testing.assert_allclose(noise.spreads[:-1], noise.law[:-1], rtol=0.25)
    assert noise.spreads[-1] == noise.law[-1] == 0.0


def test_all_descents_begin_alike_and_the_whole_one_never_rises(
    noise: train.GradientNoise,
) -> None:
    assert noise.losses.shape == (4, 13)
    assert np.ptp(noise.losses[:, 0]) == 0.0
    assert (np.diff(noise.losses[-1]) < 0).all()


def test_the_descent_is_that_of_fit() -> None:
    model, points = nn.Linear(2, 2), data.moons(64, seed=0)
    found = gn.gradient_noise(model, points, sizes=(8,), steps=3, lr=0.5, samples=2)
    run = gn.fit(
        nn.Linear(2, 2), points, optimizer=optim.SGD(lr=0.5), epochs=3, batch_size=None, seed=0
    )
    np.testing.assert_allclose(found.losses[-1][:3], run.losses, rtol=1e-5)


def test_noise_is_drawn(noise: train.GradientNoise, texts: Texts) -> None:
    picture = noise.picture()
    words = set(texts(picture))
    assert {"2 rows a step", "all 128 rows", "loss over all rows", "rows a step, M"} <= words
    assert f"2: {noise.spreads[0]:.2g}" in picture.alt
    assert noise._repr_svg_() == picture.svg
    assert repr(noise) == "GradientNoise(batches of 2, 8, 32, 128)"


def test_wrong_sizes_are_told() -> None:
    for sizes in ((), (8, 2), (200,)):
        with pytest.raises(gn.ArgumentError, match="growing size"):
            gn.gradient_noise(nn.Linear(2, 2), data.moons(64, seed=0), sizes=sizes)
