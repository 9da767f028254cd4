"""The closed list of array functions that an operation's `forward` may use.

Every function is a loop nest over strides: elementwise functions broadcast as NumPy does (a
stride of 0), views only change strides and offsets, reductions and `contract` are loops with an
accumulator. Nothing else is needed to compile them.

Rules that hold for all engines:

- A Python number beside an array takes the array's dtype ("weak" scalar); two arrays have the
  same dtype, except where a rule below says otherwise. Nothing is promoted silently.
- `axes` is a tuple of distinct axes, counted from 0; an axis is a plain non-negative integer.
- Shapes are tuples of plain integers, known before anything runs.
- A call is `function(*arrays, **settings)`: arrays first and by position, settings by name, so that
  a recorded call can be replayed on another engine.

The choice follows the primitives of JAX's `lax` and of tinygrad where they agree, and the names
of the Python array API standard where it has the function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    from .program import Program

A = TypeVar("A")
Shape = tuple[int, ...]
DType = np.dtype[Any]
Number = bool | int | float


class Engine(Protocol[A]):
    """An array namespace: `xp` in the operations. `A` is its array type."""

    name: str

    # -- creation --------------------------------------------------------------------------------
    def full(self, shape: Shape, value: Number, dtype: DType) -> A:
        """An array whose every element is `value`."""

    def arange(self, length: int, dtype: DType) -> A:
        """0, 1, …, length − 1."""

    def constant(self, array: np.ndarray[Any, Any]) -> A:
        """The engine's array with the values of a NumPy array."""

    def random_bits(self, key: A, shape: Shape, stream: int) -> A:
        """uint32 words of Philox4x32-10; `key` holds (seed low, seed high, step) as uint32."""

    # -- one array, element by element -----------------------------------------------------------
    def cast(self, a: A, dtype: DType) -> A:
        """The values as another type; float to integer truncates, anything to bool is `≠ 0`."""

    def negative(self, a: A) -> A: ...
    def absolute(self, a: A) -> A: ...
    def sign(self, a: A) -> A: ...
    def floor(self, a: A) -> A: ...
    def sqrt(self, a: A) -> A: ...
    def exp(self, a: A) -> A: ...
    def expm1(self, a: A) -> A: ...
    def log(self, a: A) -> A: ...
    def log1p(self, a: A) -> A: ...
    def logistic(self, a: A) -> A:
        """1 / (1 + e⁻ᵃ), without overflow."""

    def tanh(self, a: A) -> A: ...
    def erf(self, a: A) -> A: ...
    def sin(self, a: A) -> A: ...
    def cos(self, a: A) -> A: ...
    def logical_not(self, a: A) -> A: ...

    # -- two or three arrays, element by element, broadcasting -----------------------------------
    def add(self, a: A | Number, b: A | Number) -> A: ...
    def subtract(self, a: A | Number, b: A | Number) -> A: ...
    def multiply(self, a: A | Number, b: A | Number) -> A: ...
    def divide(self, a: A | Number, b: A | Number) -> A:
        """Float arrays only."""

    def power(self, a: A | Number, b: A | Number) -> A: ...
    def maximum(self, a: A | Number, b: A | Number) -> A:
        """The larger; NaN where either is NaN."""

    def minimum(self, a: A | Number, b: A | Number) -> A:
        """The smaller; NaN where either is NaN."""

    def equal(self, a: A | Number, b: A | Number) -> A: ...
    def less(self, a: A | Number, b: A | Number) -> A: ...
    def less_equal(self, a: A | Number, b: A | Number) -> A: ...
    def logical_and(self, a: A, b: A) -> A: ...
    def logical_or(self, a: A, b: A) -> A: ...
    def where(self, condition: A, a: A | Number, b: A | Number) -> A:
        """`a` where the boolean condition holds, else `b`."""

    # -- reductions ------------------------------------------------------------------------------
    def sum(self, a: A, axes: Shape, keepdims: bool) -> A:
        """The sum over `axes`, in the array's own dtype."""

    def max(self, a: A, axes: Shape, keepdims: bool) -> A:
        """The maximum over `axes` (none of length 0); NaN wins."""

    def argmax(self, a: A, axis: int) -> A:
        """The int64 index of the first maximum along `axis`, which is removed."""

    def contract(self, a: A, b: A, spec: str) -> A:
        """Einstein sum of two operands, such as `"bij,bjk->bik"`.

        Each letter stands once per operand and is one of: batch (in all three), contracted (in
        both operands), free (in one operand and the output).
        """

    def describe(self, *arrays: A, bins: int, sample: int) -> A:
        """A row of numbers (6 + bins,) for each float32 array, of any shape; see `description`.

        Its size, lowest, highest, mean, root mean square and share of zeros; then how many values
        lie in equal bins from the lowest to the highest, counted in `sample` of them at most.
        """

    # -- views: no arithmetic, other strides -----------------------------------------------------
    def reshape(self, a: A, shape: Shape) -> A: ...
    def transpose(self, a: A, axes: Shape) -> A: ...
    def broadcast_to(self, a: A, shape: Shape) -> A: ...
    def slice(self, a: A, starts: Shape, stops: Shape, steps: Shape) -> A:
        """`a[start:stop:step, …]`, one triple per axis, steps ≥ 1, within the bounds."""

    def flip(self, a: A, axes: Shape) -> A: ...
    def window(self, a: A, axes: Shape, sizes: Shape, strides: Shape, dilations: Shape) -> A:
        """Windows that slide along axes: `out[…, o, …, k] = a[…, o·stride + k·dilation, …]`.

        Each of `axes` becomes the windows' positions, of which there are as many as fit; the
        places inside a window, `sizes` of them, are new axes at the end, in the order of `axes`.
        """

    def pad(self, a: A, widths: tuple[tuple[int, int], ...], value: Number) -> A: ...
    def concat(self, *arrays: A, axis: int) -> A: ...

    # -- by index --------------------------------------------------------------------------------
    def gather(self, a: A, indices: A, axis: int) -> A:
        """`out[…, j…, …] = a[…, indices[j…], …]`: the axis is replaced by the indices' shape."""

    def scatter_add(self, indices: A, updates: A, axis: int, length: int) -> A:
        """The transpose of `gather`: updates added into zeros, their index axes back to one."""

    # -- a loop ----------------------------------------------------------------------------------
    def scan(
        self, *arrays: A, body: Program, length: int, carried: int, sequences: int, reverse: bool
    ) -> tuple[A, ...]:
        """`body`, `length` ≥ 1 times: the final states, and what each step gives, stacked.

        The arrays are `carried` first states, then `sequences` arrays with a leading step axis,
        then constants. The body takes the states, a row of each sequence, and the constants; it
        gives the next states, of the same types, and then the step's outputs. In reverse the last
        row comes first; outputs are stacked at the place of their row.
        """


FUNCTIONS: frozenset[str] = frozenset(
    name for name, value in vars(Engine).items() if callable(value) and not name.startswith("_")
)
# Worth computing once rather than twice, element by element, …
COSTLY: frozenset[str] = frozenset(
    {"cos", "divide", "erf", "exp", "expm1", "log", "log1p", "logistic"}
    | {"power", "random_bits", "sin", "sqrt", "tanh"}
)
# … and those that make each element of many.
COLLECTING: frozenset[str] = frozenset(
    ("argmax", "contract", "describe", "max", "scan", "scatter_add", "sum")
)
