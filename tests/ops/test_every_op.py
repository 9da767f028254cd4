"""One test for all operations: what the registry holds is what is checked."""

import inspect

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines import Recorder, numpy_engine, replay
from glassnet.graph import Shaped, trace
from glassnet.ops import OPERATIONS
from glassnet.ops.operation import Sample

CALLS = [
    pytest.param(operation, sample, id=f"{name}-{i}")
    for name, operation in sorted(OPERATIONS.items())
    for i, sample in enumerate(operation.samples(gn.Generator(0)))
]


def is_float_array(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def float_inputs(sample: Sample):
    return [x for x in sample.inputs if is_float_array(x)]


def function_of_floats(operation, sample: Sample):
    """The operation as a function of its float arrays, everything else held fixed."""

    def function(*floats):
        rest = iter(floats)
        inputs = [next(rest) if is_float_array(x) else x for x in sample.inputs]
        return operation(*inputs, **sample.settings)

    return function


@pytest.mark.parametrize(("operation", "sample"), CALLS)
def test_the_shape_rule_gives_the_real_shape(operation, sample):
    shapes = [np.shape(x) for x in sample.inputs]
    out = operation(*sample.inputs, **sample.settings)
    assert operation.shape(*shapes, **operation.complete(sample.settings)) == out.shape


@pytest.mark.no_cover
@pytest.mark.parametrize(("operation", "sample"), CALLS)
def test_gradients_to_order_two_agree_with_finite_differences(operation, sample):
    floats = float_inputs(sample)
    if operation(*sample.inputs, **sample.settings).dtype.kind != "f" or not floats:
        assert operation.name in DISCRETE
        return
    gn.check_grads(function_of_floats(operation, sample), *floats, order=2, tolerance=1e-6)


DISCRETE = {
    "argmax",
    "cast",
    "equal",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "max_pool_place",
    "one_hot",
    "uniform",
}


@pytest.mark.parametrize(("operation", "sample"), CALLS)
def test_forward_is_written_against_the_namespace(operation, sample):
    """Recorded symbolically and replayed on NumPy, forward gives the very same numbers."""
    recorder = Recorder()
    arrays = [x for x in sample.inputs if isinstance(x, np.ndarray)]
    symbols = iter([recorder.input(x.shape, x.dtype) for x in arrays])
    operands = [next(symbols) if isinstance(x, np.ndarray) else x for x in sample.inputs]
    settings = operation.complete(sample.settings)
    program = recorder.finish([operation.forward(recorder, *operands, **settings)])
    program.check()
    (replayed,) = replay(program, numpy_engine, arrays)
    eager = operation(*sample.inputs, **sample.settings)
    np.testing.assert_array_equal(replayed, eager.array, strict=True)


@pytest.mark.parametrize(("operation", "sample"), CALLS)
def test_the_backward_pass_can_be_traced_from_shapes(operation, sample):
    floats = float_inputs(sample)
    function = function_of_floats(operation, sample)
    if not floats or operation(*sample.inputs, **sample.settings).dtype.kind != "f":
        return

    def slopes(*tensors):
        for tensor in tensors:
            tensor.requires_grad = True
        out = function(*tensors)
        found = gn.gradients(out.sum(), list(tensors))
        return sum((gradient.sum() for gradient in found[1:]), found[0].sum())

    graph = trace(slopes, *(Shaped(x.shape, x.dtype) for x in floats))
    graph.check()
    assert graph.values[-1].shape == ()


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_float32_stays_float32(operation):
    for sample in operation.samples(gn.Generator(0)):
        inputs = [x.astype("float32") if is_float_array(x) else x for x in sample.inputs]
        settings = {k: v for k, v in sample.settings.items() if k != "dtype"}
        if operation.name == "cast":
            settings["dtype"] = gn.float32
        assert operation(*inputs, **settings).dtype != gn.float64


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_formula_derivative_and_label_are_stated(operation):
    lines = [line.strip() for line in inspect.getdoc(operation).splitlines() if line.strip()]
    assert len(lines) >= 2
    assert "d/d" in lines[1] or lines[1] == "no derivative"
    assert 0 < len(operation.symbol) <= 14
    assert operation.samples(gn.Generator(0))
