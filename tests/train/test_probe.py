"""Watched values are the same in eager and in compiled runs, and change nothing."""

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, nn, optim

NAMES = ("0.weight", "0.weight.grad", "1", "1.grad", "", "2.bias.grad")


def trained(engine, watch=NAMES, **settings):
    model = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 2))
    run = gn.fit(
        model,
        data.moons(100, seed=0),
        optimizer=optim.Adam(lr=0.01),
        epochs=5,
        batch_size=32,
        seed=0,
        engine=engine,
        watch=watch,
        **settings,
    )
    return model, run


@pytest.mark.parametrize("every", [1, 3, 50])
def test_both_engines_see_the_same(every):
    _, native = trained("native", watch_every=every)
    _, eager = trained("numpy", watch_every=every)
    assert list(native.watched) == list(NAMES)
    for name in NAMES:
        steps = [step for step, _ in native.watched[name]]
        assert steps == list(range(1, 21, every)) == [step for step, _ in eager.watched[name]]
        for (_, ours), (_, theirs) in zip(native.watched[name], eager.watched[name], strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_watching_changes_nothing(engine):
    watched, _ = trained(engine, watch_every=3)
    plain, run = trained(engine, watch=())
    assert run.watched == {}
    for ours, theirs in zip(watched.parameters(), plain.parameters(), strict=True):
        np.testing.assert_allclose(ours.array, theirs.array, rtol=1e-5, atol=1e-7)


def test_a_watched_value_is_that_before_the_update():
    _, run = trained("native", watch_every=1)
    first = run.watched["0.weight"][0][1]
    fresh = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 2)).initialise(0)
    assert np.array_equal(first, fresh.named_parameters()["0.weight"].array)
    assert not np.array_equal(run.watched["0.weight"][1][1], first)


@pytest.mark.parametrize(
    ("watch", "message"),
    [(["0.weigth"], 'did you mean "0.weight"'), (["7"], 'called "7"')],
)
def test_an_unknown_name_is_told(watch, message):
    with pytest.raises(gn.ArgumentError, match=message):
        trained("native", watch=watch)


def test_a_frozen_parameter_has_no_gradient_to_watch():
    model = nn.Sequential(nn.Linear(2, 5).freeze(), nn.Tanh(), nn.Linear(5, 2))
    with pytest.raises(gn.ArgumentError, match=r'no gradient reaches "0\.weight"'):
        gn.fit(model, data.moons(100, seed=0), epochs=1, watch=["0.weight.grad"])


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_held_out_data_is_judged_alike(engine):
    _, run = trained(engine, watch=(), validation=data.moons(1500, seed=1))
    row = run.history[-1]
    _, reference = trained("numpy", watch=(), validation=data.moons(1500, seed=1))
    assert row["validation_loss"] == pytest.approx(reference.history[-1]["validation_loss"], 1e-4)


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_a_layer_inside_a_scan_is_told(engine):
    class Reader(nn.Module):
        cell: nn.Linear
        head: nn.Linear

        def __init__(self):
            self.cell, self.head = nn.Linear(5, 3), nn.Linear(3, 2)

        def forward(self, x):
            def step(h, row):
                h = self.cell(gn.ops.concat(h, row, axis=1)).tanh()
                return h, h

            start = gn.Tensor(np.zeros((len(x), 3), "f4"))
            return self.head(gn.scan(step, start, x.transpose(1, 0, 2))[0])

    rows = np.random.default_rng(0).normal(size=(20, 4, 2))
    settings = {"epochs": 1, "engine": engine}
    run = gn.fit(Reader(), (rows, [0, 1] * 10), watch=["cell.weight.grad", "head"], **settings)
    assert run.watched["cell.weight.grad"][0][1].shape == (3, 5)
    with pytest.raises(gn.ArgumentError, match="runs inside a scan"):
        gn.fit(Reader(), (rows, [0, 1] * 10), watch=["cell"], **settings)
