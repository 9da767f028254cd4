"""Shapes whose sizes coincide, so that rows, columns and elements are easily taken for another."""

import numpy as np
import pytest

import glassnet as gn
from glassnet import ops

SIZES = [1, 2, 16, 32, 33]


@pytest.mark.parametrize("outputs", SIZES)
@pytest.mark.parametrize("inputs", SIZES)
@pytest.mark.parametrize("batch", SIZES)
def test_gradients_of_a_layer(batch, inputs, outputs):
    rng = np.random.default_rng(0)
    shapes = (outputs, inputs), (outputs,), (batch, inputs), (batch, outputs)
    arrays = [rng.normal(size=shape).astype("float32") for shape in shapes]

    def slopes(weight, bias, x, target):
        variables = [weight, bias, x]
        for variable in variables:
            variable.requires_grad = True
        loss = ((ops.linear(x, weight, bias) - target) ** 2).mean()
        return [loss, *gn.gradients(loss, variables)]

    native = gn.compile(slopes)(*arrays)
    reference = gn.compile(slopes, engine="numpy")(*arrays)
    for ours, theirs in zip(native, reference, strict=True):
        np.testing.assert_allclose(ours.array, theirs.array, rtol=1e-4, atol=1e-5)
