from __future__ import annotations

import ast
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn
from glassnet import expression
from glassnet.expression import DEEPEST, FUNCTIONS, LONGEST, Expression, parse, underline


def test_the_worked_example() -> None:
    loss = parse("((a+b)*w - t)**2 + w**2")
    assert loss.names == ("a", "b", "w", "t")
    a, b, w, t = (gn.tensor(v, requires_grad=True) for v in (1.0, 2.0, 2.0, 4.0))
    output = loss(a, b, w, t)
    output.backward()
    assert output.item() == 8
    assert [x.grad.item() for x in (a, b, w, t)] == [8, 8, 16, -4]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2*3", 7),
        ("2**3**2", 512),
        ("-x**2", -4),
        ("+x", 2),
        ("(1 - x) / 4", -0.25),
        ("1_000 * 1e-3", 1),
        ("sin(pi/2)", 1),
        ("log(e**x)", 2),
        ("max(x, 3) + min(x, 3)", 5),
        ("sqrt(abs(-x)) ** 2", 2),
        ("relu(-x) + sigmoid(0)", 0.5),
        (" x \n + 1 ", 3),
    ],
)
def test_value(text: str, value: float) -> None:
    parsed = parse(text)
    result = parsed(*([2.0] * len(parsed.names)))
    assert result.item() == pytest.approx(value, abs=1e-15)
    assert result.dtype == gn.float64


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_the_operation(name: str) -> None:
    function, count = FUNCTIONS[name]
    points = [np.array([0.3, 0.8]), np.array([0.5, 0.1])][:count]
    text = f"{name}({', '.join('xy'[:count])})"
    found = parse(text)(*map(gn.tensor, points)).numpy()
    np.testing.assert_array_equal(found, function(*map(gn.tensor, points)).numpy())


def test_numbers_fold_to_one_constant() -> None:
    x = gn.tensor(2.0, name="x", requires_grad=True)
    graph = gn.Graph(parse("x * (3 + sin(0)*5)")(x))
    assert [value.name for value in graph.values] == ["x", "3", ""]


def test_elements_and_precision_are_the_tensors() -> None:
    x = gn.tensor([1.0, 2.0, 3.0])
    result = parse("x**2 / 2")(x)
    assert result.dtype == gn.float32
    assert result.numpy().tolist() == [0.5, 2.0, 4.5]


def test_at_a_point_the_coordinates_are_the_variables() -> None:
    f = parse("(1 - x)**2 + 100*(y - x**2)**2")
    assert f.at(gn.tensor([2.0, 3.0])).item() == 101
    assert parse("x + 1").at(gn.tensor(2.0)).item() == 3


@pytest.mark.parametrize(
    ("text", "what", "caret"),
    [
        ("__import__('os')", 'there is no function "__import__"', "__import__"),
        ("2 + eval(x)", 'there is no function "eval"', "eval"),
        ("x.real", "an expression has no attributes", "x.real"),
        ("x + ().__class__.__bases__", "an expression has no attributes", "().__class__.__bases__"),
        ("x[0]", "an expression has no indices", "x[0]"),
        ("1 + 'a'", "only numbers belong here", "'a'"),
        ("x + True", "only numbers belong here", "True"),
        ("2j", "only numbers belong here", "2j"),
        ("x^2", "^ is not a power here", "x^2"),
        ("x < 1", "an expression has no comparisons", "x < 1"),
        ("x // 2", "an expression has no //", "x // 2"),
        ("a, b", "one formula, not several", "a, b"),
        ("(x := 1)", "an expression defines no names", "x := 1"),
        ("[x for x in y]", "an expression has no listcomp", "[x for x in y]"),
        ("lambda: 1", "an expression has no lambda", "lambda: 1"),
        ("f'{x}'", "an expression has no joinedstr", "f'{x}'"),
        ("1 + sin", "sin is a function", "sin"),
        ("x + _y", "a variable's name starts with a letter", "_y"),
        ("sin(x, y)", "sin takes 1 argument", "sin(x, y)"),
        ("max(*x)", "max takes 2 arguments", "max(*x)"),
        ("max(x, *y)", "an expression has no starred", "*y"),
        ("sin(a=1)", "sin takes 1 argument", "sin(a=1)"),
        ("x + 1/0", "this is not a finite number but inf", "1/0"),
        ("9**9**9**9", "this is not a finite number but inf", "9**9**9"),
        ("x*" + "9" * 400, "this number is too large", "9" * 58),
        ("αβ + é.γ", "an expression has no attributes", "é.γ"),
    ],
)
def test_refused(text: str, what: str, caret: str) -> None:
    with pytest.raises(gn.ExpressionError) as caught:
        parse(text)
    assert caught.value.what == what
    assert caught.value.mend
    shown, carets = caught.value.received.split("\n")
    marked = "".join(c for c, mark in zip(shown, carets, strict=False) if mark == "^")
    assert caret.startswith(marked)
    assert marked


@pytest.mark.parametrize("text", ["2x", "y = x", "(x", "x +", "*x", "x y", "x\0", "🙂", "if", "#"])
def test_not_an_expression(text: str) -> None:
    with pytest.raises(gn.ExpressionError, match="not an expression") as caught:
        parse(text)
    assert "^" in caught.value.received


def test_empty() -> None:
    with pytest.raises(gn.ExpressionError, match="empty"):
        parse("  \n ")


def test_limits_on_length_and_depth() -> None:
    assert parse("x" + "+x" * DEEPEST)(1.0).item() == DEEPEST + 1
    with pytest.raises(gn.ExpressionError, match="inside one another"):
        parse("x" + "+x" * (DEEPEST + 1))
    with pytest.raises(gn.ExpressionError, match="inside one another"):
        parse("-" * (LONGEST - 1) + "x")
    with pytest.raises(gn.ExpressionError):
        parse("(" * 400 + "x" + ")" * 400)
    with pytest.raises(gn.ExpressionError, match="too long"):
        parse("x" * (LONGEST + 1))


def test_the_nearest_function_is_suggested() -> None:
    with pytest.raises(gn.ExpressionError, match='did you mean "tanh"'):
        parse("tanhh(x)")


def test_values_are_matched_to_variables() -> None:
    f = parse("a*b")
    with pytest.raises(gn.ArgumentError, match="needs a value for b"):
        f(1.0)
    with pytest.raises(gn.ArgumentError, match='no variable "c"'):
        f(1.0, 2.0, c=3.0)
    with pytest.raises(gn.ArgumentError, match="2 variables"):
        f(1.0, 2.0, 3.0)
    assert f(3.0, b=5.0).item() == 15


def test_underline_follows_a_cut() -> None:
    text = "x + " * 40 + "oops"
    shown, carets = underline(text, len(text) - 4, len(text)).split("\n")
    assert shown[carets.index("^") :] == "oops"
    assert len(shown) <= 60


PIECES = ["x", "y", "1", "2.5", "pi", "sin", "max", "(", ")", "+", "-", "*", "**", "/", ",", " "]
ODD = ["__", ".", "[", "]", "'", '"', ":", "=", "lambda", "import", "eval", "{", "}", "\\", "\0"]


@given(st.lists(st.sampled_from(PIECES + ODD), max_size=30).map("".join) | st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parsed = parse(text)
    except gn.ExpressionError:
        return
    with np.errstate(all="ignore"):
        assert isinstance(parsed(*([0.5] * len(parsed.names))).item(), float)


def arithmetic(depth: int) -> st.SearchStrategy[str]:
    numbers = st.integers(1, 9).map(str) | st.just("x")
    return st.recursive(
        numbers,
        lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        max_leaves=depth,
    )


@given(arithmetic(12), st.floats(-2, 2))
def test_arithmetic_agrees_with_python(text: str, x: float) -> None:
    code = compile(ast.parse(text, mode="eval"), "", "eval")
    expected = float(eval(code, {"x": x}))
    parsed: Expression = parse(text)
    found = parsed(x=x) if parsed.names else parsed()
    assert math.isclose(found.item(), expected, rel_tol=1e-12, abs_tol=1e-9)


def test_the_module_never_evaluates() -> None:
    tree = ast.parse(Path(expression.__file__).read_text(encoding="utf-8"))
    called = {
        n.func.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    assert not called & {"eval", "exec", "compile", "getattr", "__import__"}
