"""Expressions as text, parsed and never evaluated as Python.

The grammar is closed: numbers, the variables' names, `pi` and `e`, + − * / **, brackets, and the
functions in `FUNCTIONS`. Whatever else Python's parser knows (attributes, indices, strings,
calls of anything else) is refused with a caret under the place.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import ops
from .errors import ArgumentError, ExpressionError, did_you_mean
from .graph import no_grad
from .tensor import Tensor, float64

LONGEST = 1000  # characters
DEEPEST = 100  # operations inside one another

CONSTANTS = {"pi": math.pi, "e": math.e}

# name → (function, number of arguments)
FUNCTIONS: dict[str, tuple[Callable[..., Tensor], int]] = {
    "abs": (ops.abs, 1),
    "cos": (ops.cos, 1),
    "elu": (ops.elu, 1),
    "erf": (ops.erf, 1),
    "exp": (ops.exp, 1),
    "expm1": (ops.expm1, 1),
    "floor": (ops.floor, 1),
    "gelu": (ops.gelu, 1),
    "leaky_relu": (ops.leaky_relu, 1),
    "log": (ops.log, 1),
    "log1p": (ops.log1p, 1),
    "max": (ops.maximum, 2),
    "min": (ops.minimum, 2),
    "relu": (ops.relu, 1),
    "sigmoid": (ops.sigmoid, 1),
    "sign": (ops.sign, 1),
    "silu": (ops.silu, 1),
    "sin": (ops.sin, 1),
    "softplus": (ops.softplus, 1),
    "sqrt": (ops.sqrt, 1),
    "tanh": (ops.tanh, 1),
}
_BINARY: dict[type[ast.operator], Callable[..., Tensor]] = {
    ast.Add: ops.add,
    ast.Sub: ops.subtract,
    ast.Mult: ops.multiply,
    ast.Div: ops.divide,
    ast.Pow: ops.power,
}
_REFUSED = {
    ast.Attribute: "an expression has no attributes",
    ast.BitXor: "^ is not a power here",
    ast.Compare: "an expression has no comparisons",
    ast.Constant: "only numbers belong here",
    ast.FloorDiv: "an expression has no //",
    ast.IfExp: "an expression has no if",
    ast.List: "an expression has no lists",
    ast.MatMult: "an expression has no matrix product",
    ast.Mod: "an expression has no %",
    ast.NamedExpr: "an expression defines no names",
    ast.Subscript: "an expression has no indices",
    ast.Tuple: "one formula, not several",
}
_MEND = {
    ast.BitXor: "write x**2 for the square of x",
    ast.Compare: "write one formula; for a definition leave out the left side and the = sign",
    ast.FloorDiv: "write floor(a / b)",
}

GRAMMAR = "numbers, names, + - * / **, brackets, pi, e, and the functions " + ", ".join(FUNCTIONS)

Step = Callable[[dict[str, Tensor]], Tensor]  # from the variables' values to a part's value
Part = float | Step


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: a function of its variables.

    Call it with a number or tensor for each variable, in the order of `names` or by name.

    Attributes:
        text: as it was written.
        names: the variables, in the order in which they appear.

    >>> loss = parse("((a+b)*w - t)**2 + w**2")
    >>> loss.names
    ('a', 'b', 'w', 't')
    >>> loss(1.0, 2.0, w=2.0, t=4.0).item()
    8.0
    """

    text: str
    names: tuple[str, ...]
    _part: Part

    def __call__(self, *values: Any, **named: Any) -> Tensor:
        given = self._bind(values, named)
        tensors = {name: _operand(value) for name, value in given.items()}
        return _operand(self._part if isinstance(self._part, float) else self._part(tensors))

    def at(self, point: Tensor) -> Tensor:
        """The expression at a point whose coordinates are the variables in order: f(x₁, …, xₙ)."""
        return self(*(point[i] for i in range(len(self.names)))) if point.ndim else self(point)

    def _bind(self, values: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        if len(values) > len(self.names):
            raise ArgumentError(
                f"{self.text} has {len(self.names)} variables",
                expected=", ".join(self.names) or "no values",
                received=f"{len(values)} values",
            )
        given = {**dict(zip(self.names, values, strict=False)), **named}
        for name in named:
            if name not in self.names:
                raise ArgumentError(
                    f'{self.text} has no variable "{name}"',
                    received=name,
                    mend=did_you_mean(name, self.names) if self.names else "leave it out",
                )
        missing = [name for name in self.names if name not in given]
        if missing:
            raise ArgumentError(
                f"{self.text} needs a value for {', '.join(missing)}",
                expected=" ".join(f"{name}=…" for name in self.names),
                received=", ".join(given) or "no values",
            )
        return given


def parse(text: str) -> Expression:
    r"""The expression that a text stands for.

    Raises:
        ExpressionError: the text is no expression of the grammar; the message points at the place.

    >>> parse("x**4 - 3*x**2 + x")(2.0).item()
    6.0
    >>> try:
    ...     parse("2 * os.system")
    ... except ExpressionError as error:
    ...     print(error.what, error.received, sep="\n")
    an expression has no attributes
    2 * os.system
        ^^^^^^^^^
    """
    return _Parser(text).parse()


class _Parser:
    """Turns Python's syntax tree into nested functions, part by part, refusing what is unknown."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())  # one line, so that a column is a place
        self.names: list[str] = []

    def parse(self) -> Expression:
        if len(self.text) > LONGEST:
            raise ExpressionError(
                "the expression is too long",
                expected=f"at most {LONGEST} characters",
                received=f"{len(self.text)}",
            )
        part = self._part(self._tree(), depth=0)
        return Expression(self.text, tuple(self.names), part)

    def _tree(self) -> ast.expr:
        if not self.text:
            raise ExpressionError("the expression is empty", expected='such as "x**2 + 1"')
        if "\0" in self.text:  # which not every Python takes for bad syntax
            raise self._not_an_expression("a null character", self.text.index("\0"))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python's advice on how to write Python
                return ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            raise self._syntax_error(error) from None
        except (ValueError, RecursionError, MemoryError):
            raise ExpressionError(
                "the expression cannot be read",
                expected=f"at most {DEEPEST} operations inside one another",
                received=self.text[:60],
            ) from None

    def _syntax_error(self, error: SyntaxError) -> ExpressionError:
        column = max((error.offset or 1) - 1, 0) if error.lineno == 1 else 0
        return self._not_an_expression(re.split(r" \(|\. ", error.msg)[0], column)

    def _not_an_expression(self, reason: str, column: int) -> ExpressionError:
        return ExpressionError(
            f"this is not an expression: {reason}",
            received=underline(self.text, column, column + 1),
            mend="write every × as *, as in 2*x; a power as x**2; one formula, no = sign",
        )

    def _refuse(self, node: ast.expr, what: str, mend: str) -> ExpressionError:
        line = self.text.encode()  # Python counts columns in bytes of UTF-8
        first = len(line[: node.col_offset].decode(errors="ignore"))
        last = len(line[: node.end_col_offset].decode(errors="ignore"))
        return ExpressionError(what, received=underline(self.text, first, last), mend=mend)

    def _part(self, node: ast.expr, depth: int) -> Part:
        if depth > DEEPEST:
            raise self._refuse(
                node, f"more than {DEEPEST} operations inside one another", "a shorter formula"
            )
        match node:
            case ast.Constant(value=value) if type(value) in (int, float):
                return self._number(node, value)
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._part(operand, depth + 1)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._apply(node, ops.negative, [operand], depth)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return self._apply(node, _BINARY[type(op)], [left, right], depth)
            case ast.Call():
                return self._call(node, depth)
        kind = type(node.op if isinstance(node, ast.BinOp | ast.UnaryOp) else node)
        what = _REFUSED.get(kind, f"an expression has no {kind.__name__.lower()}")
        raise self._refuse(node, what, _MEND.get(kind, GRAMMAR))

    def _number(self, node: ast.expr, value: Any) -> float:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self._refuse(node, "this number is too large", "at most about 1.8e308")
        return number

    def _name(self, node: ast.expr, name: str) -> Part:
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in FUNCTIONS:
            raise self._refuse(node, f"{name} is a function", f"give it an argument: {name}(x)")
        if name.startswith("_"):
            mend = name.strip("_") or "x"
            raise self._refuse(node, "a variable's name starts with a letter", mend)
        if name not in self.names:
            self.names.append(name)
        return lambda values: values[name]

    def _call(self, node: ast.Call, depth: int) -> Part:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            called = ast.unparse(node.func)[:30]
            raise self._refuse(
                node.func, f'there is no function "{called}"', did_you_mean(called, FUNCTIONS)
            )
        function, count = FUNCTIONS[node.func.id]
        if node.keywords or len(node.args) != count:
            raise self._refuse(
                node,
                f"{node.func.id} takes {count} argument{'s' * (count != 1)}",
                f"write {node.func.id}({', '.join('ab'[:count])})",
            )
        return self._apply(node, function, node.args, depth)

    def _apply(
        self, node: ast.expr, function: Callable[..., Tensor], inputs: list[ast.expr], depth: int
    ) -> Part:
        """A function of its inputs; where all of them are numbers, the number it gives."""
        parts = [self._part(x, depth + 1) for x in inputs]
        if not all(isinstance(part, float) for part in parts):
            return lambda values: function(
                *(part if isinstance(part, float) else part(values) for part in parts)
            )
        with np.errstate(all="ignore"), no_grad():
            number = float(function(*(np.asarray(part, float64) for part in parts)))
        if not math.isfinite(number):
            what = f"this is not a finite number but {number:g}"
            raise self._refuse(node, what, "divide by what is not 0, take roots of what is ≥ 0")
        return number


def underline(text: str, first: int, last: int) -> str:
    """The text with carets under the characters from `first` to `last`, long texts cut.

    >>> print(underline("2 + os", 4, 6))
    2 + os
        ^^
    """
    start = max(0, min(first - 30, len(text) - 60))
    shown = " ".join(text[start : start + 60].split("\n"))
    carets = max(1, min(last, start + len(shown)) - first)
    return f"{shown}\n{' ' * (first - start)}{'^' * carets}"


def _operand(value: Any) -> Tensor:
    """A tensor as it is; any number as a float64 tensor."""
    return value if isinstance(value, Tensor) else Tensor(np.asarray(value, float64))
