"""Products of matrices and their like: sums over products, the bulk of a network's work."""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

from ..engines.contraction import Contraction
from ..errors import ShapeError
from ..tensor import Generator, Tensor, float64
from .operation import (
    Engine_,
    Gradients,
    Operation,
    Sample,
    Shape,
    needs_gradient,
    onto,
    sample,
)


class Contract(Operation):
    """Σ a·b over the letters that the output lacks: `contract(a, b, spec="bij,bjk->bik")`

    d/da = contract(grad, b), d/db = contract(a, grad), with the letters moved accordingly
    """

    name = "contract"
    symbol = "Σ·"

    def shape(self, a: Shape, b: Shape, *, spec: str) -> Shape:  # type: ignore[override]
        return Contraction.parse(spec).shape(a, b)

    def forward(self, xp: Engine_, a: Any, b: Any, *, spec: str) -> Any:
        return xp.contract(a, b, spec=spec)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, b: Tensor, *, spec: str) -> Gradients:
        roles = Contraction.parse(spec)
        by_a = f"{roles.out},{roles.b}->{roles.a}"
        by_b = f"{roles.a},{roles.out}->{roles.b}"
        return (
            contract(grad, b, spec=by_a) if needs_gradient(a) else None,
            contract(a, grad, spec=by_b) if needs_gradient(b) else None,
        )

    def samples(self, rng: Generator) -> list[Sample]:
        a, b = rng.normal((2, 3, 4), dtype=float64), rng.normal((2, 4, 5), dtype=float64)
        return [sample(a, b, spec="bij,bjk->bik"), sample(a, b, spec="bij,bjk->kbi")]


class Matmul(Operation):
    """a @ b = Σₖ aᵢₖ bₖⱼ over the last two axes, the axes before them broadcast

    d/da = grad @ bᵀ, d/db = aᵀ @ grad
    """

    name = "matmul"
    symbol = "@"

    def shape(self, a: Shape, b: Shape) -> Shape:  # type: ignore[override]
        if not a or not b:
            raise ShapeError("a matrix product needs at least one axis on both sides")
        if a[-1] != b[-2 if len(b) > 1 else -1]:
            raise ShapeError(
                "the inner lengths of a matrix product differ",
                expected=f"(…, n, {a[-1]}) @ (…, {a[-1]}, m)",
                received=f"{a} @ {b}",
                mend="transpose one side, or check the number of features",
            )
        out, _ = self._plan(a, b)
        return out

    @staticmethod
    def _plan(a: Shape, b: Shape) -> tuple[Shape, tuple[Shape, Shape, str]]:
        """The output's shape, and the two reduced shapes and spec of the plain contraction."""
        rows = a[-2:-1]  # empty for a vector
        columns = b[-1:] if len(b) > 1 else ()
        lead_a, lead_b = a[:-2], b[:-2]
        count = max(len(lead_a), len(lead_b))
        letters = ascii_lowercase[:count]
        # An axis of length 1 broadcasts: it is left out of that operand.
        sides = []
        for lead in (lead_a, lead_b):
            own = zip(letters[count - len(lead) :], lead, strict=True)
            sides.append([(letter, n) for letter, n in own if n != 1])
        sizes: dict[str, int] = {}
        for letter, n in [*sides[0], *sides[1]]:
            if sizes.setdefault(letter, n) != n:
                raise ShapeError(
                    "the leading axes of a matrix product do not broadcast",
                    received=f"{a} @ {b}",
                )
        term_a, term_b = ("".join(letter for letter, _ in side) for side in sides)
        term_out = "".join(letter for letter in letters if letter in sizes)
        i, j = "y" * len(rows), "z" * len(columns)
        spec = f"{term_a}{i}x,{term_b}x{j}->{term_out}{i}{j}"
        shape_a = (*(n for _, n in sides[0]), *rows, a[-1])
        shape_b = (*(n for _, n in sides[1]), a[-1], *columns)
        out = (*(sizes.get(letter, 1) for letter in letters), *rows, *columns)
        return out, (shape_a, shape_b, spec)

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        out, (shape_a, shape_b, spec) = self._plan(a.shape, b.shape)
        a = a if a.shape == shape_a else xp.reshape(a, shape=shape_a)
        b = b if b.shape == shape_b else xp.reshape(b, shape=shape_b)
        product = xp.contract(a, b, spec=spec)
        return product if product.shape == out else xp.reshape(product, shape=out)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, b: Tensor) -> Gradients:
        matrix_a = a.reshape((1, *a.shape)) if a.ndim == 1 else a
        matrix_b = b.reshape((*b.shape, 1)) if b.ndim == 1 else b
        full = self.shape(matrix_a.shape, matrix_b.shape)
        grad = grad if grad.shape == full else grad.reshape(full)

        def by_a() -> Tensor:
            product = grad @ _swap(matrix_b)
            return _drop(product, -2) if a.ndim == 1 else product

        def by_b() -> Tensor:
            product = _swap(matrix_a) @ grad
            return _drop(product, -1) if b.ndim == 1 else product

        return onto(a, by_a), onto(b, by_b)

    def samples(self, rng: Generator) -> list[Sample]:
        def draw(*shape: int) -> Any:
            return rng.normal(shape, dtype=float64)

        return [
            sample(draw(3, 4), draw(4, 2)),
            sample(draw(2, 3, 4), draw(2, 4, 2)),
            sample(draw(2, 1, 3, 4), draw(5, 4, 2)),
            sample(draw(4), draw(4)),
            sample(draw(3, 4), draw(4)),
            sample(draw(4), draw(2, 4, 3)),
        ]


def _swap(a: Tensor) -> Tensor:
    """The matrix transposed: the last two axes exchanged."""
    return a.transpose(*range(a.ndim - 2), a.ndim - 1, a.ndim - 2)


def _drop(a: Tensor, axis: int) -> Tensor:
    """Without the axis of length 1 that turned a vector into a matrix."""
    shape = list(a.shape)
    del shape[axis]
    return a.reshape(tuple(shape))


class Linear(Operation):
    """y = x Wᵀ + b over the last axis, W (out, in) and b (out,), which may be left out

    d/dx = grad W, d/dW = gradᵀ x, d/db = Σ grad over the batch
    """

    name = "linear"
    symbol = "Wx+b"

    def shape(  # type: ignore[override]
        self, x: Shape, weight: Shape, bias: Shape | None = None
    ) -> Shape:
        if not x or x[-1] != weight[1]:
            raise ShapeError(
                "a linear layer received the wrong number of features",
                expected=f"(…, {weight[1]}): its weight has shape {weight}",
                received=f"{x}",
                mend=f"set in_features={x[-1] if x else 1}, or change the layer before it",
            )
        if bias is not None and bias != weight[:1]:
            raise ShapeError("the bias has one number per output", expected=f"{weight[:1]}",
                             received=f"{bias}")  # fmt: skip
        return (*x[:-1], weight[0])

    def forward(self, xp: Engine_, x: Any, weight: Any, bias: Any = None) -> Any:
        product = xp.contract(x, weight, spec=_spec(len(x.shape)))
        return product if bias is None else xp.add(product, bias)

    def backward(
        self, grad: Tensor, out: Tensor, x: Tensor, weight: Tensor, bias: Tensor | None = None
    ) -> Gradients:
        lead = ascii_lowercase[: grad.ndim - 1]
        flat_grad, flat_x = (a.reshape((-1, a.shape[-1])) for a in (grad, x))
        gradients = (
            contract(grad, weight, spec=f"{lead}y,yx->{lead}x") if needs_gradient(x) else None,
            contract(flat_grad, flat_x, spec="ay,ax->yx") if needs_gradient(weight) else None,
        )
        return gradients if bias is None else (*gradients, onto(bias, lambda: grad))

    def samples(self, rng: Generator) -> list[Sample]:
        weight, bias = rng.normal((5, 3), dtype=float64), rng.normal((5,), dtype=float64)
        shapes: list[Shape] = [(4, 3), (2, 4, 3), (3,)]
        inputs = [rng.normal(shape, dtype=float64) for shape in shapes]
        return [sample(inputs[0], weight), *(sample(x, weight, bias) for x in inputs)]


def _spec(ndim: int) -> str:
    lead = ascii_lowercase[: ndim - 1]
    return f"{lead}x,yx->{lead}y"


contract = Contract()
matmul = Matmul()
linear = Linear()
