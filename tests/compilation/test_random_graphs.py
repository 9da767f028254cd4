"""500 random graphs: loss and gradients of the compiled function are those of the eager one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

import glassnet as gn
from glassnet.compilation import trace_call
from glassnet.engines.native import compile_program

from .random_graphs import ELEMENTWISE, OTHERS, Graph, graphs, is_smooth

EXAMPLES = settings(
    max_examples=250,
    derandomize=True,  # the same graphs in every run
    database=None,
)


def check(graph: Graph, tolerance: float) -> None:
    """Loss and gradients within the tolerance, measured by the largest element of each."""
    eager = graph.loss_and_gradients(*map(gn.tensor, graph.leaves))
    traced = trace_call(graph.loss_and_gradients, tuple(graph.leaves), {})
    extra = [holder.array for holder in traced.captured.values()]
    native = compile_program(traced.program, threads=1)(*graph.leaves, *extra)
    assert len(native) == len(eager)
    for ours, expected in zip(native, eager, strict=True):
        assert (ours.dtype, ours.shape) == (expected.dtype, expected.shape)
        scale = np.abs(expected.numpy()).max(initial=1.0)
        np.testing.assert_allclose(
            ours, expected.numpy(), rtol=tolerance, atol=tolerance * scale, err_msg=repr(graph)
        )


@pytest.mark.no_cover
@EXAMPLES
@given(graphs(gn.float32))
def test_float32_graphs_agree(graph: Graph) -> None:
    check(graph, 1e-4)


@pytest.mark.no_cover
@EXAMPLES
@given(graphs(gn.float64))
def test_float64_graphs_agree(graph: Graph) -> None:
    check(graph, 1e-11)


def test_every_operation_takes_part() -> None:
    ours = [o for o in gn.ops.OPERATIONS.values() if type(o).__module__.startswith("glassnet.")]
    assert len(ELEMENTWISE) + len(OTHERS) == len(ours)  # other tests define operations of their own


@pytest.mark.parametrize(("name", "smooth"), [("tanh", True), ("maximum", False), ("floor", False)])
def test_what_bends_is_found_out(name: str, smooth: bool) -> None:
    assert is_smooth(name) is smooth
