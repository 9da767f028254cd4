"""Ending early, keeping the best weights, accumulated gradients, averaged weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, losses, nn, optim
from glassnet.errors import ArgumentError
from glassnet.train import METRICS, Average, Callback, History, Run, Step, fit
from glassnet.train.best import Judge

MOONS = data.moons(200, seed=0)
ENGINES = pytest.mark.parametrize("engine", ["native", "numpy"])


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))


def arrays(model: nn.Module) -> list[np.ndarray]:
    return [p.numpy().copy() for p in model.parameters()]


# -- the best epoch ------------------------------------------------------------------------------
def history(*values: float) -> History:
    table = History()
    for value in values:
        table.append({"loss": value, "accuracy": value})
    return table


def test_the_first_of_equals_is_the_best() -> None:
    lowest = Judge.of(None, 2, (), held=False)
    assert [lowest.best(history(*v)) for v in ((), (3, 1, 1, 2), (float("nan"), 5))] == [None, 1, 1]
    highest = Judge.of("accuracy", 2, [METRICS["accuracy"]], held=False)
    assert highest.best(history(1, 3, 2)) == 1


def test_patience_counts_epochs_without_a_better_one() -> None:
    judge = Judge.of(None, 2, (), held=False)
    over = [judge.is_over(history(*v)) for v in ((), (3,), (3, 4), (3, 4, 5), (3, 4, 2), (4, 4, 4))]
    assert over == [False, False, False, True, False, True]
    assert not Judge.of(None, None, (), held=False).is_over(history(1, 2, 3, 4, 5))
    nothing = float("nan")
    assert judge.is_over(history(nothing, nothing))


def test_each_epoch_is_read_once() -> None:
    judge, table, looks = Judge.of(None, 5, (), held=False), History(), []

    class Row(dict[str, float]):
        def __getitem__(self, key: str) -> float:
            looks.append(key)
            return super().__getitem__(key)

    for loss in range(2000, 0, -1):
        table.rows.append(Row(loss=loss))
        assert judge.best(table) == len(table) - 1
        assert not judge.is_over(table)
    assert len(looks) < 3 * len(table)


def test_columns_are_checked() -> None:
    with pytest.raises(ArgumentError, match='no column "validation_loss"') as caught:
        fit(network(), MOONS, monitor="validation_loss", patience=3, epochs=1)
    assert "validation=0.2 holds rows out" in str(caught.value)
    with pytest.raises(ArgumentError, match='did you mean "accuracy"'):
        fit(network(), MOONS, monitor="acuracy", keep_best=True, epochs=1)
    with pytest.raises(ArgumentError, match="patience is out of range"):
        fit(network(), MOONS, patience=0, epochs=1)


@ENGINES
def test_training_ends_early_with_the_best_weights(engine: str) -> None:
    seen: list[list[np.ndarray]] = []

    class Keep(Callback):
        def on_epoch(self, run: Run, row: dict[str, float]) -> None:
            seen.append(arrays(run.model))

    # A rate this large makes the loss jump up and down.
    run = fit(
        network(), MOONS, optimizer=optim.SGD(lr=8.0), epochs=200, validation=0.3, patience=6,
        keep_best=True, engine=engine, callbacks=[Keep()],
    )  # fmt: skip
    column = run.history["validation_loss"]
    best = int(np.argmin(column))
    assert len(column) == best + 1 + 6
    assert not run.interrupted
    for kept, then in zip(arrays(run.model), seen[best], strict=True):
        np.testing.assert_array_equal(kept, then)
    assert run.validation is not None
    logits = run.model(gn.tensor(run.validation.inputs))
    judged = losses.cross_entropy(logits, gn.tensor(run.validation.targets)).item()
    assert judged == pytest.approx(column[best], rel=1e-4)
    assert run.settings["patience"] == 6
    assert run.settings["best_by"] == "validation_loss"
    assert (run.kept, run.result) == (best, run.history.rows[best])
    assert run.facts()["result"] == run.result
    assert f"validation_loss {column[best]:.4g}" in repr(run)


# -- accumulated gradients -------------------------------------------------------------------------
@ENGINES
def test_a_step_in_parts_is_the_step_of_the_whole(engine: str) -> None:
    """200 rows in batches of 48: the last step of 8 rows has a part of 8, others three of 16."""
    whole, parts = network(), network()
    settings: dict[str, Any] = {"optimizer": optim.Adam(lr=0.01), "epochs": 3, "seed": 5}
    one = fit(whole, MOONS, batch_size=48, engine=engine, **settings)
    other = fit(parts, MOONS, batch_size=16, accumulate=3, engine=engine, **settings)
    for ours, theirs in zip(parts.parameters(), whole.parameters(), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-4, atol=1e-6)
    assert other.history["loss"] == pytest.approx(one.history["loss"], rel=1e-5)
    assert other.history["accuracy"] == one.history["accuracy"]
    assert other.settings["accumulate"] == 3


def test_each_part_draws_numbers_of_its_own_alike_on_both_engines() -> None:
    models = []
    for engine in ("native", "numpy"):
        model = nn.Sequential(nn.Linear(2, 16), nn.Dropout(0.5), nn.Linear(16, 2))
        fit(model, MOONS, batch_size=16, accumulate=3, epochs=2, engine=engine)
        models.append(model)
    for ours, theirs in zip(*(model.parameters() for model in models), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-4, atol=1e-6)
    seen: list[np.ndarray] = []
    drop = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5))
    step = Step(drop, lambda y, t: y.sum(), optim.SGD(drop, lr=0.1), gn.Generator(0), part=64)
    batch = gn.tensor(np.ones((128, 1), "f4")), gn.tensor([0])
    for _, outputs in step.forward(step.generator, *batch):
        seen.append(outputs.numpy() == 0.0)
    assert (seen[0] != seen[1]).any()


@ENGINES
def test_a_nan_in_a_later_part_is_found_before_the_update(engine: str) -> None:
    rows = np.ones((8, 1), np.float32)
    rows[6] = 1e30
    model = nn.Linear(1, 1)
    squares = data.Dataset(rows, np.ones(8))
    with pytest.raises(gn.NonFiniteError, match="multiply made inf"):
        fit(model, squares, batch_size=2, accumulate=4, epochs=1, engine=engine)
    assert all(np.isfinite(p.numpy()).all() for p in model.parameters())


def test_accumulating_needs_batches() -> None:
    with pytest.raises(ArgumentError, match="accumulate is out of range"):
        fit(network(), MOONS, accumulate=0)
    with pytest.raises(ArgumentError, match="accumulate is out of range"):
        fit(network(), MOONS, accumulate=2, batch_size=None)


# -- averaged weights ------------------------------------------------------------------------------
@ENGINES
def test_the_average_by_hand(engine: str) -> None:
    line = data.Dataset([[1.0]], [1.0], dtype="float64")
    model = nn.Linear(1, 1, bias=False).astype("float64").load_parameters({"weight": [[0.0]]})
    fit(model, line, optimizer=optim.SGD(lr=0.25), epochs=3, average=0.2, engine=engine)
    # w ← w − ¼ · 2(w − 1): ½, ¾, ⅞.  d = 0.1, 2/11, 0.2 (its bound; 3/12 without).
    mean = 0.0
    for weight, d in ((0.5, 0.1), (0.75, 2 / 11), (0.875, 0.2)):
        mean = d * mean + (1 - d) * weight
    assert model.weight.item() == pytest.approx(mean, rel=1e-12)


@ENGINES
def test_the_average_is_judged_and_learning_goes_on_without_it(engine: str) -> None:
    plain, averaged = network(), network()
    settings: dict[str, Any] = {"epochs": 4, "validation": 0.3, "engine": engine, "seed": 2}
    alone = fit(plain, MOONS, **settings)
    run = fit(averaged, MOONS, average=0.95, **settings)
    assert run.history["loss"] == alone.history["loss"]  # the weights that learn are the same
    assert run.history["validation_loss"] != alone.history["validation_loss"]
    assert run.validation is not None
    logits = averaged(gn.tensor(run.validation.inputs))
    judged = losses.cross_entropy(logits, gn.tensor(run.validation.targets)).item()
    assert judged == pytest.approx(run.history["validation_loss"][-1], rel=1e-5)


def test_statistics_are_averaged_too() -> None:
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    run = fit(model, MOONS, epochs=2, average=0.9, validation=0.2)
    assert run.history["validation_loss"][-1] < 1.0
    assert np.isfinite(model.named_parameters()["1.running_mean"].numpy()).all()


@pytest.mark.parametrize("decay", [0.0, 1.0, -0.5])
def test_a_decay_is_a_share(decay: float) -> None:
    with pytest.raises(ArgumentError, match="the decay of an average"):
        Average(network().initialise(0), decay)
