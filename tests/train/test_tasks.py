"""Every kind of task from data to prediction, on both engines: images, text, no labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, losses, models, nn, ops, optim
from glassnet.errors import DataError, ShapeError
from glassnet.train import Run, fit

ENGINES = ("native", "numpy")
DIGITS = data.digits().subset(slice(0, 240))
IMAGES = data.Dataset(
    np.asarray(DIGITS.inputs / DIGITS.inputs.max() * 255, np.uint8).reshape(-1, 8, 8, 1),
    DIGITS.targets,
    name="images",
)


class Reshape(nn.Module):
    """Rows in another shape."""

    def __init__(self, *shape: int) -> None:
        self.shape = shape

    def forward(self, x: gn.Tensor) -> gn.Tensor:
        return x.reshape(len(x), *self.shape)


def both(make: Any, *arguments: Any, **settings: Any) -> Run:
    """The run on the native engine, once it was the same as on the other."""
    runs = [fit(make(), *arguments, engine=engine, seed=1, **settings) for engine in ENGINES]
    for ours, theirs in zip(*(run.model.parameters() for run in runs), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-3, atol=2e-5)
    for name in runs[0].history.columns:
        if name != "seconds":
            assert runs[0].history[name] == pytest.approx(runs[1].history[name], rel=1e-3, abs=1e-5)
    assert runs[0].history["loss"][-1] < runs[0].history["loss"][0]
    return runs[0]


def test_images_of_bytes() -> None:
    def network() -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))

    run = both(network, IMAGES, validation=0.25, epochs=3, metrics=["accuracy", "f1", "top3"])
    assert run.predict(IMAGES).shape == (240,)
    assert run.predictor.probabilities(IMAGES.inputs[:2]).shape == (2, 10)


def test_numbers_of_any_shape() -> None:
    """Regression from images to images: a blur is learned."""
    blurred = IMAGES.inputs.astype(np.float32).mean(axis=2, keepdims=True) / 255
    pairs = data.Dataset(IMAGES.inputs, blurred)
    assert pairs.targets.shape == (240, 8, 1, 1)
    assert repr(pairs).endswith("regression to 8 numbers, standardised)")

    def network() -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 8), Reshape(8, 1, 1))

    run = both(network, pairs, epochs=3, optimizer=optim.Adam(lr=0.01))
    assert run.history.columns[1:4] == ["loss", "r2", "mae"]
    assert run.predict(IMAGES.inputs[:3]).shape == (3, 8, 1, 1)
    with pytest.raises(ShapeError, match="does not put out what the data asks for"):
        fit(nn.Sequential(nn.Flatten(), nn.Linear(64, 8)), pairs, epochs=1)


def test_several_labels_a_row() -> None:
    points = np.random.default_rng(0).normal(size=(300, 3))
    labels = points @ np.array([[1.0, 0, 1], [0, 1, 1], [0, 0, 1]]) > 0
    rows = data.Dataset(points, labels, task="multilabel", classes=("a", "b", "c"))
    run = both(lambda: nn.Linear(3, 3), rows, epochs=8, optimizer=optim.Adam(lr=0.1))
    assert run.history.columns[1:3] == ["loss", "f1_micro"]
    assert run.history["f1_micro"][-1] > 0.9
    predicted = run.predict(points)
    assert predicted.dtype == np.uint8
    assert (predicted == labels).mean() > 0.9
    assert run.predictor.labels(np.eye(3) * 9)[0] == "a, c"
    np.testing.assert_array_equal(run.predictor.probabilities(points) > 0.5, predicted)
    with pytest.raises(DataError, match="2 in row 1, column 0 says neither yes nor no"):
        data.Dataset(points[:2], [[0, 1], [2, 0]], task="multilabel")
    with pytest.raises(ShapeError, match="a column for each class"):
        data.Dataset(points[:2], [0, 1], task="multilabel")


@pytest.mark.parametrize("loss", ["mean_squared_error", "binary_cross_entropy_with_logits"])
def test_what_has_no_labels_is_reconstructed(loss: str) -> None:
    def network() -> nn.Module:
        return nn.Sequential(
            nn.Flatten(), nn.Linear(64, 16), nn.Tanh(), nn.Linear(16, 64), Reshape(8, 8, 1)
        )

    images = IMAGES.unlabelled()
    assert images.targets is not None
    assert np.shares_memory(images.targets, images.inputs)
    run = both(network, images, loss, optimizer=optim.Adam(lr=0.01), validation=0.2, epochs=4)
    assert run.history.columns[1:3] == ["loss", "mae"]
    again = run.predict(IMAGES.inputs[:5])
    assert again.shape == (5, 8, 8, 1)
    error = np.abs(again - IMAGES.inputs[:5] / 255).mean()
    assert error < 0.2
    assert "reconstruction" in repr(run.train)


def test_text_to_the_next_character() -> None:
    text = "the quick brown fox jumps over the lazy dog. " * 6
    letters = data.Vocabulary.characters(text)
    rows = data.windows(letters.encode(text), 8, vocabulary=letters)

    class Letters(nn.Module):
        table: nn.Parameter
        head: nn.Linear

        def __init__(self, count: int) -> None:
            self.table = nn.Parameter((count, 16), "normal")
            self.head = nn.Linear(16, count)

        def forward(self, tokens: gn.Tensor) -> gn.Tensor:
            return self.head(ops.gather(self.table, tokens))

    run = both(
        lambda: Letters(len(letters)), rows, validation=0.2, epochs=3,
        optimizer=optim.Adam(lr=0.05), metrics=["accuracy", "perplexity"],
    )  # fmt: skip
    last = run.history.rows[-1]
    assert last["perplexity"] == pytest.approx(np.exp(last["loss"]), rel=1e-4)
    assert run.predict(rows.subset(slice(0, 3))).shape == (3, 8)


class Variational(nn.Module):
    """(reconstruction, mean, log variance): more than one tensor for the loss."""

    encoder: nn.Linear
    decoder: nn.Linear

    def __init__(self) -> None:
        self.encoder = nn.Linear(64, 8)
        self.decoder = nn.Linear(4, 64)

    def forward(self, x: gn.Tensor) -> tuple[gn.Tensor, gn.Tensor, gn.Tensor]:
        code = self.encoder(x)
        mean, log_variance = code[:, :4], code[:, 4:]
        return self.decoder(mean), mean, log_variance


def test_a_network_may_tell_its_loss_more_than_its_prediction() -> None:
    def loss(outputs: Any, targets: gn.Tensor) -> gn.Tensor:
        said, mean, log_variance = outputs
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1.0 - log_variance).sum(-1).mean()
        return losses.mean_squared_error(said, targets) + 0.1 * divergence

    run = both(
        Variational, DIGITS.unlabelled(), loss, epochs=3, optimizer=optim.Adam(lr=0.01),
        validation=0.2, watch=[""],
    )  # fmt: skip
    assert run.predict(DIGITS.inputs[:3]).shape == (3, 64)
    assert run.watched[""][0][1].shape[1:] == (64,)


def test_a_variational_autoencoder_puts_out_images() -> None:
    run = both(
        lambda: models.vae((8, 8, 1), hidden=(32,), code=4), IMAGES.unlabelled(),
        losses.negative_elbo, epochs=4, validation=0.2,
    )  # fmt: skip
    again = run.predict(IMAGES.inputs[:4])
    assert again.shape == (4, 8, 8, 1)
    assert 0.0 < again.min() < again.max() < 1.0  # shares of ink, not their logits
    assert run.history["validation_mae"][-1] < 0.5


def test_targets_are_not_left_out_of_account() -> None:
    with pytest.raises(DataError, match="no targets but its inputs"):
        fit(models.vae((64,)), (DIGITS.inputs, DIGITS.inputs * 0.5), losses.negative_elbo)
    run = fit(models.vae((64,)), (DIGITS.inputs, DIGITS.inputs), losses.negative_elbo, epochs=1)
    assert run.train.task == "reconstruction"
