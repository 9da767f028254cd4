"""What the losses share: a mask takes rows, or steps of sequences, out of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses

RNG = np.random.default_rng(0)
MASK = np.array([[True, True, False], [True, False, False]])
LABELS = RNG.integers(0, 4, (2, 3))
NUMBERS, OTHERS = RNG.normal(size=(2, 2, 3, 4))
SHARES = np.exp(OTHERS) / np.exp(OTHERS).sum(-1, keepdims=True)
WEIGHT = np.array([1.0, 2.0, 0.5, 3.0])
CASES: dict[str, tuple[Callable[..., gn.Tensor], Any]] = {
    "cross-entropy": (losses.cross_entropy, LABELS),
    "distributions": (losses.cross_entropy, SHARES),
    "weighted": (functools.partial(losses.cross_entropy, weight=WEIGHT), LABELS),
    "ignored": (functools.partial(losses.cross_entropy, ignore_index=LABELS[0, 0]), LABELS),
    "likelihood": (losses.negative_log_likelihood, LABELS),
    "binary": (losses.binary_cross_entropy_with_logits, SHARES),
    "hinge": (losses.hinge, LABELS),
    "divergence": (losses.kl_divergence, SHARES),
    "huber": (losses.huber, OTHERS),
    "absolute": (losses.mean_absolute_error, OTHERS),
    "squared": (losses.mean_squared_error, OTHERS),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_what_is_masked_is_not_there(name: str, reduction: str) -> None:
    loss, target = CASES[name]
    settings = {"reduction": reduction}
    masked = loss(gn.tensor(NUMBERS), target, mask=MASK, **settings).item()
    kept = loss(gn.tensor(NUMBERS[MASK]), target[MASK], **settings).item()
    assert masked == pytest.approx(kept, rel=1e-6)


def test_no_gradient_reaches_what_is_masked() -> None:
    x = gn.tensor(NUMBERS, requires_grad=True)
    losses.cross_entropy(x, LABELS, mask=MASK).backward()
    assert x.grad is not None
    assert (x.grad.numpy().any(-1) == MASK).all()


def test_with_everything_masked_the_loss_is_nothing() -> None:
    nothing = np.zeros((2, 3), bool)
    for loss, target in CASES.values():
        assert loss(gn.tensor(NUMBERS), target, mask=nothing).item() == 0.0


@pytest.mark.parametrize("mask", [MASK.T, MASK.astype(int)])
def test_a_mask_fits(mask: Any) -> None:
    with pytest.raises(gn.ShapeError, match="whether it counts"):
        losses.mean_squared_error(gn.tensor(NUMBERS), OTHERS, mask=mask)
