from __future__ import annotations

import pytest

import glassnet as gn
from glassnet import ops
from glassnet.view.factors import factors


def test_the_same_before_and_after_the_graph_is_freed() -> None:
    w = gn.tensor(3.0, requires_grad=True)
    loss = ops.exp(w * 2.0) / w
    loss.backward(retain_graph=True)
    kept = factors(gn.Graph(loss))
    w.grad = None
    loss.backward()
    assert factors(gn.Graph(loss)) == kept
    assert kept[0, 2] == "× 2"


def test_factors_along_a_path_multiply_to_the_gradient() -> None:
    x = gn.tensor(0.7, dtype=gn.float64, name="x", requires_grad=True)
    y = ops.tanh(ops.sin(ops.exp(x)))
    y.backward()
    product = 1.0
    for text in factors(gn.Graph(y)).values():
        product *= float(text.removeprefix("× ").replace("−", "-"))
    assert x.grad is not None
    assert product == pytest.approx(x.grad.item(), rel=5e-3)  # three digits each


def test_arrays_have_none() -> None:
    x = gn.tensor([1.0, 2.0], requires_grad=True)
    assert factors(gn.Graph((x * x).sum())) == {}
