"""The graph of what happened: the worked example, order, sharing, freeing, depth."""

import gc
import json
import weakref

import numpy as np
import pytest

import glassnet as gn

EXAMPLE = """\
graph of 10 values, 6 operations
#  value  computed as      shape  number  gradient
0  a      leaf             ()     1       8
1  b      leaf             ()     2       8
2         add(a, b)        ()     3       8
3  w      leaf             ()     2       16
4         multiply(#2, w)  ()     6       4
5  t      leaf             ()     4       -4
6         subtract(#4, t)  ()     2       4
7         power(#6, 2)     ()     4       1
8         power(w, 2)      ()     4       1
9         add(#7, #8)      ()     8       1"""


def worked_example():
    values = zip("abwt", (1.0, 2.0, 2.0, 4.0), strict=True)
    a, b, w, t = (gn.tensor(v, name=n, requires_grad=True) for n, v in values)
    return ((a + b) * w - t) ** 2 + w**2, (a, b, w, t)


def test_the_worked_example_node_by_node():
    loss, leaves = worked_example()
    loss.backward()
    assert loss.item() == 8.0
    assert [x.grad.item() for x in leaves] == [8.0, 8.0, 16.0, -4.0]
    assert str(gn.Graph(loss)) == EXAMPLE


def test_the_worked_example_as_json():
    loss, _ = worked_example()
    loss.backward()
    data = json.loads(gn.Graph(loss).json())
    assert data["format"] == "glassnet-graph-1"
    named = {v["name"]: (v["value"], v["gradient"]) for v in data["values"] if v["kind"] == "leaf"}
    assert named == {"a": (1, 8), "b": (2, 8), "w": (2, 16), "t": (4, -4)}
    result = data["values"][data["outputs"][0]]
    assert (result["operation"], result["symbol"], result["value"]) == ("add", "+", 8)
    assert "test_graph.py, line" in result["line"]
    for value in data["values"]:
        assert all(i < value["index"] for i in value["inputs"])


def test_a_value_used_twice_is_one_value():
    x = gn.tensor(2.0, requires_grad=True)
    y = x * x
    z = y + y
    for _ in range(2):
        graph = gn.Graph(z)
        graph.check()
        assert [v.node.operation.name for v in graph.operations] == ["multiply", "add"]
        assert len(graph) == 3
        if z.grad is None:
            z.backward()  # the graph reads the same after it was freed


def test_backward_frees_large_arrays_and_keeps_small_ones():
    big = gn.tensor(np.ones((100, 100), "f4"), requires_grad=True)
    hidden = big.tanh()
    array = weakref.ref(hidden.array)
    loss = (hidden * 2.0).sum()
    del hidden
    loss.backward()
    gc.collect()
    assert array() is None
    graph = gn.Graph(loss)
    assert [v.array is None for v in graph.operations] == [True, True, False]
    assert graph.values[0].source is big


def test_a_graph_thousands_of_nodes_deep_needs_no_recursion():
    x = gn.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y + 1.0
    graph = gn.Graph(y)
    graph.check()
    assert len(graph.operations) == 20_000
    y.backward()
    assert x.grad.item() == 1.0
    del graph, y
    gc.collect()


def test_numbers_json_cannot_write_are_text():
    x = gn.tensor([np.inf, np.nan], requires_grad=True)
    text = gn.Graph(x * 1.0).json()
    assert json.loads(text)["values"][0]["value"] == ["inf", "nan"]
    wide = gn.Graph(gn.tensor(np.arange(100.0), requires_grad=True) * 1.0)
    assert json.loads(wide.json())["values"][0]["value"] == {"low": 0.0, "high": 99.0}
    assert "0 … 99" in str(wide)


def test_several_results_share_their_history():
    x = gn.tensor(2.0, name="x", requires_grad=True)
    y = x * 3.0
    graph = gn.Graph(y + 1.0, y)
    assert len(graph.outputs) == 2
    assert len(graph.operations) == 2


def test_trace_knows_every_shape_and_computes_nothing():
    weight = gn.tensor(np.ones((5, 3), "f4"), name="W", requires_grad=True)
    graph = gn.trace(lambda x: (x @ weight.T).tanh().mean(), (4, 3))
    shapes = [v.shape for v in graph.operations]
    assert shapes == [(3, 5), (4, 5), (4, 5), (), ()]
    assert all(v.array is None for v in graph.operations[1:])


def test_trace_finds_wrong_shapes_before_arithmetic():
    with pytest.raises(gn.ShapeError, match=r"\(4, 3\) @ \(4, 3\)"):
        gn.trace(lambda x: x @ x, (4, 3))
    with pytest.raises(gn.DTypeError, match="a shape such as"):
        gn.trace(lambda x: x, 3)


def test_no_grad_records_nothing_and_ends_with_the_block():
    x = gn.tensor(2.0, requires_grad=True)
    with gn.no_grad():
        assert (x * x).node is None
    assert (x * x).node is not None
