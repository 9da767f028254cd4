"""Cross-entropy and negative log-likelihood: what the references do not show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, ops

BOTH = [losses.cross_entropy, losses.negative_log_likelihood]
both = pytest.mark.parametrize("loss", BOTH, ids=lambda loss: loss.__name__)
LOGITS = gn.tensor(gn.Generator(0).normal((4, 3)))


@both
def test_a_label_out_of_range(loss: Callable[..., gn.Tensor]) -> None:
    for labels, bad in (([0, 1, 3, 2], "3"), ([0, 1, -1, 2], "-1")):
        with pytest.raises(gn.DataError, match="a label is out of range") as caught:
            loss(LOGITS, labels)
        assert (caught.value.received, caught.value.where) == (bad, "row 2")
        assert caught.value.expected == "0 to 2, for 3 classes"


@both
def test_labels_that_are_floats(loss: Callable[..., gn.Tensor]) -> None:
    with pytest.raises(gn.DTypeError, match="labels are integers") as caught:
        loss(LOGITS, np.array([0.0, 1.0, 2.0, 0.0]))
    assert "astype" in caught.value.mend


@both
def test_labels_of_another_shape(loss: Callable[..., gn.Tensor]) -> None:
    for labels in (np.zeros((4, 1), int), np.zeros(3, int)):
        with pytest.raises(gn.ShapeError, match="one label for each row"):
            loss(LOGITS, labels)
    with pytest.raises(gn.ShapeError, match="no classes"):
        loss(gn.tensor(1.0), 0)


@both
def test_wrong_settings(loss: Callable[..., gn.Tensor]) -> None:
    with pytest.raises(gn.ShapeError, match="one weight for each class"):
        loss(LOGITS, [0, 1, 2, 0], weight=[1.0, 2.0])
    with pytest.raises(gn.ArgumentError, match="label_smoothing is a share"):
        losses.cross_entropy(LOGITS, [0, 1, 2, 0], label_smoothing=1.0)
    with pytest.raises(gn.ArgumentError, match="goes with class indices"):
        losses.cross_entropy(LOGITS, np.ones((4, 3)) / 3, ignore_index=0)


@both
def test_all_rows_ignored(loss: Callable[..., gn.Tensor]) -> None:
    x = gn.tensor(LOGITS.numpy(), requires_grad=True)
    value = loss(x, [-100] * 4, ignore_index=-100)
    value.backward()
    assert value.item() == 0.0
    assert x.grad is not None
    assert not x.grad.numpy().any()


SETTINGS: list[dict[str, Any]] = [
    {},
    {"weight": [0.5, 1.0, 2.0]},
    {"label_smoothing": 0.1},
    {"ignore_index": 0},
    {"weight": [0.5, 1.0, 2.0], "label_smoothing": 0.1, "ignore_index": 1},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("dtype", [gn.float32, gn.float64], ids=str)
def test_huge_logits_stay_finite(settings: dict[str, Any], dtype: Any) -> None:
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4], [1e4, 1e4, 1e4], [0.0, -1e4, -1e4]])
    for labels in ([0, 1, 2, 0], [1, 0, 0, 2]):
        x = gn.tensor(logits, dtype=dtype, requires_grad=True)
        value = losses.cross_entropy(x, labels, **settings)
        value.backward()
        assert x.grad is not None
        assert np.isfinite(value.item())
        assert np.isfinite(x.grad.numpy()).all()
        assert value.dtype == x.grad.dtype == dtype


def test_an_impossible_class_that_is_not_the_target_is_no_nan() -> None:
    logs = gn.tensor([[0.0, -np.inf]], requires_grad=True)
    value = losses.negative_log_likelihood(logs, [0])
    value.backward()
    assert value.item() == 0.0
    assert logs.grad is not None
    assert logs.grad.numpy().tolist() == [[-1.0, 0.0]]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_gradients(settings: dict[str, Any]) -> None:
    x = gn.Generator(1).normal((4, 3), dtype=gn.float64)
    gn.check_grads(lambda a: losses.cross_entropy(a, [0, 2, 1, 2], **settings), x, order=2)


def test_class_indices_are_distributions_of_one_class() -> None:
    labels = np.array([0, 2, 1, 2])
    by_index = losses.cross_entropy(LOGITS, labels, label_smoothing=0.2)
    by_share = losses.cross_entropy(LOGITS, np.eye(3)[labels], label_smoothing=0.2)
    by_log = losses.negative_log_likelihood(ops.log_softmax(LOGITS), labels)
    assert by_index.item() == pytest.approx(by_share.item(), rel=1e-6)
    assert losses.cross_entropy(LOGITS, labels).item() == pytest.approx(by_log.item(), rel=1e-6)
    assert losses.cross_entropy(LOGITS[0], 2).shape == ()


def test_the_loss_is_traced_without_numbers() -> None:
    shapes = [gn.graph.Shaped((4, 3)), gn.graph.Shaped((4,), gn.int64)]
    for settings in SETTINGS:
        graph = gn.trace(lambda a, t, s=settings: losses.cross_entropy(a, t, **s), *shapes)
        assert graph.values[graph.outputs[0]].shape == ()
