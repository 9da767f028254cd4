"""The first node that made a NaN or an infinity is named, with its inputs and its line."""

import numpy as np
import pytest

import glassnet as gn


def test_the_first_bad_value_is_named():
    x = gn.tensor([1.0, 0.0], name="x", requires_grad=True)
    loss = ((x.log() * 2.0).tanh()).sum()  # here it happens
    with pytest.raises(gn.NonFiniteError) as caught:
        gn.diagnose(loss * np.inf, where="step 3")
    message = str(caught.value)
    assert "log made -inf, from x in 0 … 1" in message
    assert "step 3" in message
    assert "# here it happens" in message


def test_a_bad_input_is_named():
    x = gn.tensor([1.0, np.nan], name="weight", requires_grad=True)
    with pytest.raises(gn.NonFiniteError, match=r"weight holds nan(?s:.*)1 of 2"):
        gn.diagnose((x * 2.0).sum())


def test_a_bad_gradient_of_good_values_is_named():
    x = gn.tensor([0.0, 1.0], name="x", requires_grad=True)
    loss = (x * 1.0).sqrt().sum()  # √0 is 0, its slope infinite
    with pytest.raises(gn.NonFiniteError, match="the gradient by multiply became inf"):
        gn.diagnose(loss)


def test_finite_graphs_pass():
    x = gn.tensor([0.5, 1.0], requires_grad=True)
    gn.diagnose((x.log() * x).sum())
    gn.diagnose(gn.tensor([1.0]))
