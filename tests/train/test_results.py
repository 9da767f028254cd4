"""What the library promises to learn, with the settings a newcomer would take."""

from __future__ import annotations

import functools
import time
from typing import Any

import numpy as np
import pytest

from glassnet import data, losses, nn, optim
from glassnet.train import fit

SEEDS = (0, 1, 2)


@pytest.mark.no_cover
@pytest.mark.parametrize(("engine", "seed"), [*(("native", s) for s in SEEDS), ("numpy", 0)])
def test_digits(engine: str, seed: int) -> None:
    train, test = data.split(data.digits(), test=0.2, seed=seed)
    model = nn.Sequential(
        nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)
    )
    loss = functools.partial(losses.cross_entropy, label_smoothing=0.1)
    start = time.process_time()
    run = fit(model, train, loss, validation=test, epochs=60, seed=seed, engine=engine)
    assert time.process_time() - start < 40.0  # seconds of a core
    assert (run.predict(test) == test.targets).mean() >= 0.975


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", SEEDS)
def test_spiral(seed: int) -> None:
    points = data.spiral(1000, arms=2, turns=1.5, noise=0.1, seed=seed)
    train, test = data.split(points, seed=seed)
    model = nn.Sequential(
        nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 2)
    )
    run = fit(model, train, epochs=100, seed=seed)
    assert (run.predict(test) == test.targets).mean() >= 0.97


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", SEEDS)
def test_iris(seed: int) -> None:
    right = 0
    for train, test in data.folds(data.iris(), 5, seed=seed):
        model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
        run = fit(model, train, seed=seed)
        right += np.count_nonzero(run.predict(test) == test.targets)
    assert right / 150 >= 0.95


@pytest.mark.parametrize("seed", SEEDS)
def test_perceptron(seed: int) -> None:
    points = data.gaussians(1000, seed=seed)
    train, test = data.split(points, seed=seed)
    model = nn.Perceptron(2).fit(train.inputs, train.targets)
    assert (model.classify(train.inputs) == train.targets).all()
    assert (model.classify(test.inputs) == test.targets).all()


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", SEEDS)
def test_universal_approximation(seed: int) -> None:
    def wave(x: Any) -> Any:
        return np.sin(6.0 * x) * np.exp(-x)

    (points,) = data.standardise(data.curve(wave, 0.0, 1.0, samples=200))
    model = nn.Sequential(nn.Linear(1, 32), nn.Sigmoid(), nn.Linear(32, 1))
    adam = optim.Adam(lr=optim.Cosine(0.1, steps=3000))
    run = fit(model, points, optimizer=adam, epochs=3000, batch_size=None, seed=seed)
    x = np.linspace(0.0, 1.0, 10_001)[:, None]  # fifty times as fine as what was learned from
    assert np.abs(run.predict(x) - wave(x)).max() <= 0.02
