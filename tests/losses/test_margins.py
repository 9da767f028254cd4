"""Binary cross-entropy, hinge and KL: what the references do not show."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses


def test_binary_targets() -> None:
    logits = gn.tensor([0.5, -0.5])
    integers = losses.binary_cross_entropy_with_logits(logits, [1, 0])
    floats = losses.binary_cross_entropy_with_logits(logits, [1.0, 0.0])
    assert integers.item() == floats.item()
    assert integers.dtype == gn.float32
    with pytest.raises(gn.DataError, match="are probabilities") as caught:
        losses.binary_cross_entropy_with_logits(logits, [-1, 1])
    assert caught.value.received == "values in -1 … 1"
    with pytest.raises(gn.DataError, match="are probabilities"):
        losses.binary_cross_entropy_with_logits(logits, [np.nan, 1.0])
    with pytest.raises(gn.ShapeError):
        losses.binary_cross_entropy_with_logits(logits, [[1.0], [0.0]])


def test_huge_logits_stay_finite() -> None:
    for target in ([0.0, 1.0, 0.5], [1.0, 0.0, 0.5]):
        x = gn.tensor([1e4, -1e4, 1e4], requires_grad=True)
        value = losses.binary_cross_entropy_with_logits(x, target, pos_weight=3.0)
        value.backward()
        assert x.grad is not None
        assert np.isfinite(value.item())
        assert np.isfinite(x.grad.numpy()).all()


def test_gradients() -> None:
    a, t = np.array([[0.3, -0.7], [1.2, 0.1]]), np.array([[1.0, 0.0], [0.3, 0.9]])
    binary = losses.binary_cross_entropy_with_logits
    gn.check_grads(lambda x: binary(x, t, pos_weight=[2.0, 0.5]), a, order=2)
    gn.check_grads(lambda x: losses.hinge(x, [[1, -1], [1, 1]]), a, order=2)
    gn.check_grads(lambda x: losses.hinge(x, [1, 0]), a, order=2)
    gn.check_grads(lambda x, y: losses.kl_divergence(x, y.exp()), a, t, order=2)


def test_hinge_targets() -> None:
    scores = gn.tensor([0.5, -2.0])
    assert losses.hinge(scores, [1, -1]).item() == 0.25
    assert losses.hinge(scores, np.array([1.0, -1.0])).dtype == gn.float32
    with pytest.raises(gn.DataError, match="−1 and \\+1") as caught:
        losses.hinge(scores, [1, 0])
    assert "2 * target - 1" in caught.value.mend
    with pytest.raises(gn.DataError, match="out of range"):
        losses.hinge(gn.tensor([[0.0, 1.0]]), [2])


def test_kl_of_what_is_impossible() -> None:
    logs = gn.tensor([[0.5, 0.5], [0.25, 0.75]]).log()
    value = losses.kl_divergence(logs, [[1.0, 0.0], [0.25, 0.75]], reduction="none")
    np.testing.assert_allclose(value.numpy(), [np.log(2.0), 0.0], atol=1e-6)
    with pytest.raises(gn.DataError, match="not negative"):
        losses.kl_divergence(logs, [[1.5, -0.5], [0.5, 0.5]])
