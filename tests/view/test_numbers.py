from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import ops
from glassnet.view.numbers import in_short, number, operation_label, shape_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-2.5, "−2.5"),
        (1 / 3, "0.3333"),
        (999999.0, "999999"),
        (1e6, "1e6"),
        (-1.5e-7, "−1.5e−7"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (float("nan"), "nan"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


def test_in_short() -> None:
    assert in_short(None) == ""
    assert in_short(np.zeros(0)) == ""
    assert in_short(np.array([[2.0, 2.0]])) == "2"
    assert in_short(np.array([-1.0, 0.12345])) == "−1 … 0.123"


def test_shape() -> None:
    assert [shape_text(s) for s in ((), (3,), (2, 3, 4))] == ["", "3", "2×3×4"]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("x + x", "+"),
        ("x - 1", "− 1"),
        ("1 - x", "1 −"),
        ("x / 2.5", "÷ 2.5"),
        ("x ** 3", "( )³"),
        ("x ** -0.5", "( )⁻⁰·⁵"),
        ("2 ** x", "2^·"),
        ("max(x, 0)", "max(·, 0)"),
        ("-x", "−"),
        ("tanh(x)", "tanh"),
    ],
)
def test_label(text: str, label: str) -> None:
    from glassnet.expression import parse

    graph = gn.Graph(parse(text)(gn.tensor(2.0, requires_grad=True)))
    assert operation_label(graph, graph.values[-1]) == label


def test_every_operation_has_a_label() -> None:
    for name, operation in ops.OPERATIONS.items():
        assert operation.symbol, name  # type: ignore[attr-defined]
