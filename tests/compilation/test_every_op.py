"""Every operation compiled, forward and backward, against NumPy; with no other registration."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.compilation import trace_call
from glassnet.engines import numpy_engine, replay
from glassnet.engines.native import compile_program
from glassnet.ops import OPERATIONS

CALLS = [
    pytest.param(operation, sample, id=f"{name}-{i}")
    for name, operation in sorted(OPERATIONS.items())
    for i, sample in enumerate(operation.samples(gn.Generator(0)))
]
TOLERANCE = {gn.float32: 2e-6, gn.float64: 1e-13}


def is_float(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


@pytest.mark.parametrize("dtype", [gn.float32, gn.float64], ids=str)
@pytest.mark.parametrize(("operation", "sample"), CALLS)
def test_native_equals_numpy(operation, sample, dtype):
    inputs = [x.astype(dtype) if is_float(x) else x for x in sample.inputs]
    arrays = [x for x in inputs if isinstance(x, np.ndarray)]
    settings = {k: dtype if v is gn.float64 else v for k, v in sample.settings.items()}

    def value_and_slopes(*tensors):
        for tensor in tensors:
            tensor.requires_grad = tensor.dtype.kind == "f"
        rest = iter(tensors)
        operands = [next(rest) if isinstance(x, np.ndarray) else x for x in inputs]
        out = operation(*operands, **settings)
        if not out.requires_grad:
            return [out]
        weights = gn.tensor(np.linspace(0.5, 1.5, out.size, dtype=dtype).reshape(out.shape))
        wanted = [x for x in tensors if x.requires_grad]
        return [out, *gn.gradients((out * weights).sum(), wanted)]

    traced = trace_call(value_and_slopes, tuple(arrays), {})
    extra = [holder.array for holder in traced.captured.values()]
    native = compile_program(traced.program)(*arrays, *extra)
    reference = replay(traced.program, numpy_engine, [*arrays, *extra])
    for ours, theirs in zip(native, reference, strict=True):
        assert ours.dtype == theirs.dtype
        scale = np.abs(theirs).max(initial=1.0)
        tolerance = TOLERANCE.get(theirs.dtype, 0.0)
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * scale)
