"""Deep networks: layers of one shape share their code, and the passes stay linear in the depth."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, models, optim
from glassnet.compilation import trace_call
from glassnet.engines.native import NativeProgram, compile_program
from glassnet.engines.native.ancestors import Ancestors
from glassnet.engines.native.kernel import Kernel
from glassnet.train import Step


def compiled(layers: int) -> NativeProgram:
    model = models.gpt(11, 8, layers=layers, heads=2, width=16).initialise(0)
    step = Step(model, losses.cross_entropy, optim.Adam(lr=0.01).bind(model), gn.Generator(0))
    tokens = gn.tensor(np.zeros((3, 8), np.int64))
    traced = trace_call(lambda x, t: step(x, t)[0], (tokens, tokens), {})
    return compile_program(traced.program, updates=traced.updates)


@pytest.mark.no_cover
def test_a_twelfth_layer_brings_calls_but_no_code() -> None:
    few, many = compiled(4), compiled(12)
    assert len(many.passes.schedule.tasks) > 2.5 * len(few.passes.schedule.tasks)
    functions = [len(set(program.passes.module.kernels.values())) for program in (few, many)]
    assert functions[1] <= functions[0] + 4
    assert len(many.passes.module.text) < 2 * len(few.passes.module.text)


def test_ancestors_follow_what_is_joined() -> None:
    a, b, c, d, e = kernels = [Kernel("rows", 1, 1) for _ in range(5)]
    direct = {id(a): [], id(b): [a], id(c): [b], id(d): [], id(e): [d]}
    above = Ancestors(kernels, lambda kernel: direct[id(kernel)])
    assert above.needs(c, a)
    assert not above.needs(e, a)
    above.join(b, d)  # now what needs d needs b, and so a
    assert above.needs(e, a)
    assert above.needs(e, b)
    assert not above.needs(b, e)
    assert [above.place(kernel) for kernel in (a, b, c, e)] == [0, 1, 2, 4]
