"""The recurrent reader: what it reads, that it learns compiled, and new heads on old bodies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, models, nn, optim


def reader(**settings: object) -> models.SequenceClassifier:
    return models.lstm_classifier(3, 4, hidden_size=5, **settings).initialise(0)  # type: ignore[arg-type]


def test_an_image_is_read_row_by_row() -> None:
    images = gn.Generator(0).normal((2, 6, 3, 1))
    rows = images.reshape((2, 6, 3))
    np.testing.assert_array_equal(reader()(images).numpy(), reader()(rows).numpy())


@pytest.mark.parametrize("bidirectional", [False, True])
def test_only_what_lies_before_the_end_counts(bidirectional: bool) -> None:
    model, x = reader(bidirectional=bidirectional, num_layers=2), gn.Generator(0).normal((2, 6, 3))
    found = model(x, lengths=[4, 6]).numpy()
    np.testing.assert_allclose(found[0], model(x[:1, :4]).numpy()[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found[1], model(x[1:]).numpy()[0], rtol=1e-5, atol=1e-6)


def test_it_learns_to_tell_what_came_first() -> None:
    """Which of three positions of the first step is 1; the rest of the sequence is noise."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 256)
    x = rng.normal(size=(256, 10, 3)).astype("float32") * np.float32(0.3)
    x[:, 0] = np.eye(3, dtype="float32")[labels]
    model = models.lstm_classifier(3, 3, hidden_size=16).initialise(0)
    run = gn.fit(model, (x, labels), epochs=40, batch_size=32, seed=0, validation=None,
                 loss=losses.cross_entropy, optimizer=optim.Adam(lr=0.02))  # fmt: skip
    assert run.history[-1]["loss"] < 0.1
    assert (model.predict(x).argmax(1) == labels).mean() > 0.95


def test_a_new_head_on_a_frozen_body_is_two_lines(tmp_path: Path) -> None:
    model = reader()
    model.body.freeze()
    model.head = nn.Linear(5, 2)
    x, labels = gn.Generator(0).normal((8, 6, 3)), np.arange(8) % 2
    before = {name: p.numpy().copy() for name, p in model.named_parameters().items()}
    optimizer = optim.SGD(model, lr=0.1)
    step_loss = losses.cross_entropy(model(x), labels)
    step_loss.backward()
    optimizer.step()
    changed = {n for n, p in model.named_parameters().items() if (p.numpy() != before[n]).any()}
    assert changed == {"head.weight", "head.bias"}
    gn.save(model, tmp_path / "reader.gn")
    again = gn.load(tmp_path / "reader.gn")
    np.testing.assert_array_equal(again(x).numpy(), model(x).numpy())


def test_a_new_head_on_a_sequential_is_one_line() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 10)).initialise(0)
    first = model[0].weight.numpy().copy()
    model[-1] = nn.Linear(4, 2)
    assert model(np.ones((1, 3), "float32")).shape == (1, 2)
    np.testing.assert_array_equal(model[0].weight.numpy(), first)
    again = nn.build(model.config())
    assert repr(again) == repr(model)
