"""Training from beginning to end: what it returns, what it repeats, what it refuses."""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, losses, nn, optim
from glassnet.errors import (
    ArgumentError,
    DataError,
    GlassnetError,
    NonFiniteError,
    OutputError,
    ShapeError,
)
from glassnet.train import Callback, Progress, Run, fit


def network(inputs: int = 2, outputs: int = 2) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, 8), nn.Tanh(), nn.Linear(8, outputs))


def parameters(model: nn.Module) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in model.named_parameters().items()}


MOONS = data.moons(200, seed=0)
ENGINES = pytest.mark.parametrize("engine", ["native", "numpy"])


# -- what it does ----------------------------------------------------------------------------------
def test_plain_settings() -> None:
    model = network()
    run = fit(model, MOONS, epochs=3)
    assert run.model is model
    assert run.history.columns == ["epoch", "loss", "accuracy", "seconds"]
    assert run.history["epoch"] == [1, 2, 3]
    assert run.history["loss"][-1] < run.history["loss"][0]
    assert run.settings["loss"] == "cross_entropy"
    assert not run.interrupted
    assert run.seconds > 0.0
    assert repr(run).startswith("Run(moons: 3 epochs, loss 0.")


@ENGINES
def test_same_seed_same_bits(engine: str) -> None:
    def trained(seed: int) -> dict[str, bytes]:
        model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 2))
        fit(model, MOONS, epochs=2, engine=engine, seed=seed)
        return parameters(model)

    assert trained(3) == trained(3)
    assert trained(3) != trained(4)


def test_watching_changes_nothing() -> None:
    quiet, watched = network(), network()
    fit(quiet, MOONS, epochs=2)
    fit(watched, MOONS, epochs=2, validation=MOONS, callbacks=[Callback()], metrics=())
    assert parameters(quiet) == parameters(watched)


def test_it_goes_on_from_what_was_learned() -> None:
    model = network()
    first = fit(model, MOONS, epochs=5)
    second = fit(model, MOONS, epochs=5, seed=1)
    assert second.history["loss"][0] < first.history["loss"][0]


@ENGINES
def test_all_rows_at_once_is_gradient_descent(engine: str) -> None:
    dataset = data.Dataset([[1.0], [2.0], [3.0]], [2.0, 3.0, 5.0], dtype="float64")
    model = nn.Linear(1, 1).astype("float64")
    model.load_parameters({"weight": [[0.0]], "bias": [0.0]})
    fit(model, dataset, optimizer=optim.SGD(lr=0.1), epochs=1, engine=engine, batch_size=None)
    # dL/dw = −2/3 · Σ x·t = −2/3 · 23;  dL/db = −2/3 · Σ t = −2/3 · 10
    assert model.weight.item() == pytest.approx(0.1 * 46 / 3, rel=1e-12)
    assert model.bias.item() == pytest.approx(0.1 * 20 / 3, rel=1e-12)


@ENGINES
def test_the_loss_of_an_epoch_is_the_mean_over_its_rows(engine: str) -> None:
    frozen = optim.SGD(lr=0.0)
    model = network().initialise(0)
    run = fit(
        model, MOONS, optimizer=frozen, epochs=1, engine=engine, batch_size=64
    )  # the last batch has 8
    logits = model(gn.tensor(MOONS.inputs))
    whole = losses.cross_entropy(logits, gn.tensor(MOONS.targets)).item()
    assert run.history["loss"][0] == pytest.approx(whole, rel=1e-5)
    right = (logits.numpy().argmax(axis=1) == MOONS.targets).mean()
    assert run.history["accuracy"][0] == pytest.approx(right)


def test_validation_is_measured_as_in_prediction() -> None:
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 2))
    train, held = data.split(MOONS, seed=0)
    run = fit(model, train, validation=held, epochs=3)
    assert run.held_out is run.validation
    last = run.history.rows[-1]
    assert last["validation_accuracy"] == (run.predict(held) == held.targets).mean()
    expected = losses.cross_entropy(model(gn.tensor(held.inputs)), gn.tensor(held.targets)).item()
    assert last["validation_loss"] == pytest.approx(expected, rel=1e-5)


def test_a_share_is_held_out() -> None:
    run = fit(network(), MOONS, epochs=1, validation=0.25)
    assert run.validation is not None
    assert (len(run.train), len(run.validation)) == (150, 50)


def test_arrays_are_data() -> None:
    inputs = np.random.default_rng(0).normal(size=(40, 2))
    run = fit(network(), (inputs, (inputs[:, 0] > 0).astype(int)), epochs=1)
    assert run.train.task == "classification"
    run = fit(
        network(outputs=1),
        (inputs, inputs[:, 0]),
        epochs=2,
        validation=(inputs, inputs[:, 0]),
    )
    assert run.history.columns[1:4] == ["loss", "r2", "mae"]
    assert run.history.columns[4:7] == ["validation_loss", "validation_r2", "validation_mae"]


def test_validation_arrays_with_fewer_classes() -> None:
    inputs = np.eye(3)
    run = fit(network(3, 3), (inputs, [0, 1, 2]), validation=(inputs[:2], [0, 1]), epochs=1)
    assert run.validation is not None
    assert run.validation.classes == ("0", "1", "2")


def test_float64_models_train_in_float64() -> None:
    run = fit(network().astype("float64"), MOONS, epochs=1)
    assert run.train.inputs.dtype == np.float64
    assert run.predict(MOONS.inputs).shape == (200,)


@pytest.mark.parametrize(
    ("loss", "outputs"),
    [
        ("binary_cross_entropy_with_logits", 1),
        ("cross_entropy", 2),
        ("hinge", 1),
        ("hinge", 2),
        (functools.partial(losses.cross_entropy, label_smoothing=0.1), 2),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_loss_for_two_classes(loss: Any, outputs: int, dtype: str) -> None:
    dataset = data.gaussians(200, seed=0)
    model = network(outputs=outputs).astype(dtype)
    run = fit(model, dataset, loss, optim.Adam(lr=0.03), epochs=5)
    assert run.history["accuracy"][-1] == 1.0
    assert (run.predict(dataset.inputs) == dataset.targets).all()


def test_log_probabilities() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.LogSoftmax())
    dataset = data.gaussians(300, classes=3, seed=0)
    run = fit(model, dataset, losses.negative_log_likelihood, optim.Adam(lr=0.1), epochs=5)
    assert run.history["accuracy"][-1] == 1.0
    np.testing.assert_allclose(run.predictor.probabilities(dataset).sum(axis=1), 1.0, rtol=1e-5)


def test_a_loss_of_ones_own() -> None:
    def fourth_power(outputs: gn.Tensor, targets: gn.Tensor) -> gn.Tensor:
        return ((outputs - targets) ** 4).mean()

    run = fit(network(outputs=1), data.plane(100), fourth_power, epochs=3)
    assert run.settings["loss"] == "fourth_power"
    assert run.history["loss"][-1] < run.history["loss"][0]


def test_optimizers_by_name_and_fresh_every_time() -> None:
    optimizer = optim.SGD(lr=0.1, momentum=0.9)
    first, second = network(), network()
    fit(first, MOONS, optimizer=optimizer, epochs=1)
    fit(second, MOONS, optimizer=optimizer, epochs=1)
    assert parameters(first) == parameters(second)
    assert optimizer.steps == 0
    run = fit(network(), MOONS, optimizer="adam", epochs=1)
    assert run.settings["optimizer"].startswith("Adam(lr=0.001")


@ENGINES
def test_clipping_reaches_the_update(engine: str) -> None:
    dataset = data.Dataset([[1.0], [1.0]], [1e4, 1e4])
    model = nn.Linear(1, 1).load_parameters({"weight": [[0.0]], "bias": [0.0]})
    fit(
        model,
        dataset,
        optimizer=optim.SGD(lr=1.0, clip_norm=1.0),
        epochs=1,
        engine=engine,
        batch_size=None,
    )
    assert math.hypot(model.weight.item(), model.bias.item()) == pytest.approx(1.0, rel=1e-4)


# -- who is told -----------------------------------------------------------------------------------
class Diary(Callback):
    def __init__(self, last: int = 10**9) -> None:
        self.entries: list[str] = []
        self.progress: list[Progress] = []
        self.last = last

    def on_start(self, run: Run) -> None:
        self.entries.append("start")

    def on_progress(self, run: Run, progress: Progress) -> None:
        self.progress.append(progress)

    def on_epoch(self, run: Run, row: dict[str, float]) -> bool:
        self.entries.append(f"epoch {row['epoch']}")
        return row["epoch"] >= self.last

    def on_end(self, run: Run) -> None:
        self.entries.append("end")


def test_callbacks_are_told_in_order_and_can_end_it() -> None:
    diary, other = Diary(last=2), Diary()
    run = fit(network(), MOONS, epochs=9, callbacks=[diary, other])
    assert diary.entries == other.entries == ["start", "epoch 1", "epoch 2", "end"]
    assert len(run.history) == 2
    assert not run.interrupted


def test_news_come_at_most_ten_times_a_second() -> None:
    diary = Diary()
    run = fit(
        network(),
        data.moons(4000),
        epochs=2,
        batch_size=8,
        callbacks=[diary],
        engine="numpy",
    )
    assert 1 <= len(diary.progress) <= 10 * run.seconds + 1
    news = diary.progress[-1]
    assert 1 <= news.step <= news.steps == 500
    assert news.metric is not None
    assert news.metric[0] == "accuracy"
    assert news.samples_per_second > 0


def test_the_end_is_told_after_a_failure_too() -> None:
    class Faulty(Diary):
        def on_epoch(self, run: Run, row: dict[str, float]) -> bool:
            raise KeyError("a mistake of the user's own")

    diary = Faulty()
    with pytest.raises(KeyError):
        fit(network(), MOONS, epochs=2, callbacks=[diary])
    assert diary.entries == ["start", "end"]


# -- what it refuses -------------------------------------------------------------------------------
def refused(kind: type[GlassnetError], *arguments: Any, **settings: Any) -> str:
    with pytest.raises(kind) as caught:
        fit(*arguments, **settings)
    return str(caught.value)


def test_nothing_to_tell_apart() -> None:
    one = data.Dataset([[0.0, 1.0], [1.0, 0.0]], [1, 1], name="cats", classes=("dog", "cat"))
    assert 'all rows belong to one class, "cat"' in refused(DataError, network(), one)


def test_float_labels() -> None:
    inputs, labels = np.zeros((4, 2)), np.array([0.0, 1.0, 0.0, 1.0])
    text = refused(DataError, network(), (inputs, labels), losses.cross_entropy)
    assert "labels are class indices, not floats" in text


def test_empty_data() -> None:
    assert "the data set is empty" in refused(DataError, network(), (np.zeros((0, 2)), []))


def test_nan_in_data() -> None:
    inputs = np.zeros((4, 2))
    inputs[2, 1] = np.nan
    text = refused(DataError, network(), (inputs, [0, 1, 0, 1]))
    assert "nan in the inputs: row 2, column 1" in text


def test_other_features_than_the_first_layer() -> None:
    text = refused(ShapeError, network(3), MOONS)
    assert 'layer "0"' in text
    assert "in_features=2" in text


def test_other_outputs_than_classes() -> None:
    text = refused(ShapeError, network(64, 3), data.digits())
    assert "expected: 10 numbers a row" in text
    assert "let the last layer have 10 outputs" in text
    text = refused(ShapeError, network(64, 1), data.digits(), "binary_cross_entropy_with_logits")
    assert "parts two classes" in text


def test_a_loss_for_another_task() -> None:
    text = refused(DataError, network(), MOONS, losses.mean_squared_error)
    assert "the data is made for classification" in text


def test_validation_that_does_not_match() -> None:
    text = refused(ShapeError, network(), MOONS, validation=data.iris())
    assert "other features" in text
    text = refused(DataError, network(), MOONS, validation=data.gaussians(classes=3))
    assert "other targets" in text


def test_validation_is_scaled_as_the_training_data_whatever_it_brings() -> None:
    (scaled,) = data.standardise(MOONS)
    settings: dict[str, Any] = {"epochs": 1, "engine": "numpy", "seed": 0}
    runs = [fit(network(), scaled, validation=v, **settings) for v in (MOONS, scaled)]
    losses_ = [run.history[-1]["validation_loss"] for run in runs]
    assert losses_[0] == losses_[1]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"epochs": 0}, "epochs is out of range"),
        ({"batch_size": 0}, "batch_size is out of range"),
        ({"validation": 1.0}, "share of the test part is out of range"),
        ({"seed": -1}, "a seed is a whole number"),
        ({"engine": "nunpy"}, 'did you mean "numpy"?'),
        ({"optimizer": "addam"}, 'did you mean "adam"?'),
        ({"optimizer": 0.1}, "this is no optimizer"),
        ({"loss": "cross_entropi"}, 'did you mean "cross_entropy"?'),
        ({"metrics": ["acuracy"]}, 'did you mean "accuracy"?'),
    ],
)
def test_settings_out_of_range(settings: dict[str, Any], words: str) -> None:
    assert words in refused(ArgumentError, network(), MOONS, **settings)


def test_a_negative_learning_rate() -> None:
    with pytest.raises(ArgumentError, match="cannot work with this lr") as caught:
        fit(network(), MOONS, optimizer=optim.Adam(lr=-0.1))
    assert "received: lr=-0.1" in str(caught.value)


def test_a_model_that_cannot_learn() -> None:
    assert "model.unfreeze()" in refused(ArgumentError, network().freeze(), MOONS)
    assert "learns by its own fit" in refused(ArgumentError, nn.Perceptron(2), MOONS)
    assert "what learns is a module" in refused(ArgumentError, [nn.Linear(2, 2)], MOONS)


def test_a_folder_that_cannot_be_written_is_found_before_training(tmp_path: Path) -> None:
    obstacle = tmp_path / "file"
    obstacle.write_text("in the way")
    model = network()
    text = refused(OutputError, model, MOONS, out=obstacle / "run")
    assert "nothing can be written to" in text
    assert "nothing has been computed yet" in text
    assert not any(p.drawn for p in model.parameters())  # type: ignore[attr-defined]


# -- numbers that run away -------------------------------------------------------------------------
@ENGINES
def test_a_loss_that_overflows_names_step_layer_and_operation(engine: str) -> None:
    model = nn.Sequential(nn.Linear(1, 4), nn.Linear(4, 1))
    dataset = data.plane(64).subset(slice(0, 64))
    dataset = data.Dataset(dataset.inputs[:, :1] * 1e6, dataset.targets * 1e6)
    text = refused(
        NonFiniteError, model, dataset, optimizer=optim.SGD(lr=1e3), epochs=50, engine=engine
    )
    assert "training step " in text
    assert "the model is as it was before it" in text
    assert all(np.isfinite(p.numpy()).all() for p in model.parameters())


@ENGINES
def test_a_gradient_that_is_infinite_is_found_before_the_update(engine: str) -> None:
    # √x at x = 0: the value is finite, the slope is not.
    class Root(nn.Module):
        inner: nn.Linear

        def __init__(self) -> None:
            self.inner = nn.Linear(1, 1, bias=False)

        def forward(self, x: gn.Tensor) -> gn.Tensor:
            return gn.ops.sqrt(self.inner(x))

    model = Root().load_parameters({"inner.weight": [[1.0]]})
    dataset = data.Dataset([[0.0], [0.0]], [1.0, 2.0])
    text = refused(NonFiniteError, model, dataset, epochs=1, engine=engine)
    assert "the gradient by" in text
    assert "training step 1" in text
    assert model.inner.weight.item() == 1.0


@ENGINES
def test_dropout_draws_the_same_when_a_step_is_explained(engine: str) -> None:
    # Only where the second unit is kept does the logarithm see 0.
    class Trap(nn.Module):
        dropout: nn.Dropout
        scale: nn.Parameter

        def __init__(self) -> None:
            self.dropout = nn.Dropout(0.5)
            self.scale = nn.Parameter((1,), "ones")

        def forward(self, x: gn.Tensor) -> gn.Tensor:
            kept = self.dropout(x)
            return gn.ops.log(2.0 - kept) * self.scale

    model = Trap()
    dataset = data.Dataset(np.ones((64, 1)), np.arange(64.0) / 64)
    text = refused(NonFiniteError, model, dataset, epochs=50, engine=engine, batch_size=1)
    assert "log made -inf" in text
