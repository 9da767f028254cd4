"""The tensor: an array that knows its name, its gradient and the node that made it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engines import Engine, SymbolicArray, numpy_engine
from ..errors import DTypeError, ShapeError, TracingError
from .dtypes import DType, check_dtype, float32, is_float
from .registry import COMPOSED, HOOKS, OPERATIONS, in_notebook

if TYPE_CHECKING:
    from ..graph import Node, Remnant

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]
Axes = int | tuple[int, ...] | None


class Tensor:
    """An n-dimensional array of numbers that remembers how it was computed.

    Made with `glassnet.tensor`. Arithmetic on tensors that require a gradient records a graph of
    nodes; `backward` walks it from the result to the leaves and leaves each gradient in `.grad`.

    Attributes:
        array: the numbers, a NumPy array; while a function is traced, a symbolic array.
        name: what pictures and messages call it; may be empty.
        requires_grad: whether gradients flow to it.
        grad: the gradient of the last `backward`, a tensor of the same shape, or None.
        node: the operation it came from, or None for a leaf.

    >>> import glassnet as gn
    >>> a = gn.tensor([1.0, 2.0], requires_grad=True)
    >>> (a * a).sum().backward()
    >>> a.grad.numpy().tolist()
    [2.0, 4.0]
    """

    __slots__ = ("__weakref__", "_array", "grad", "name", "node", "remnant", "requires_grad")
    __array_priority__ = 1000  # ndarray + tensor is the tensor's business
    __array_ufunc__ = None

    def __init__(
        self,
        array: Array | SymbolicArray,
        *,
        name: str = "",
        requires_grad: bool = False,
        node: Node | None = None,
    ) -> None:
        self._array = array
        self.name = name
        self.requires_grad = requires_grad
        self.grad: Tensor | None = None
        self.node = node
        self.remnant: Remnant | None = None  # what the graph keeps of it once it is freed

    # -- what it is ------------------------------------------------------------------------------
    @property
    def array(self) -> Any:
        """The numbers: a NumPy array, or a symbolic array while a function is traced."""
        return self._array

    @array.setter
    def array(self, array: Any) -> None:
        self._array = array

    @property
    def engine(self) -> Engine[Any]:
        """What computes with this tensor."""
        array = self.array
        return array.engine if isinstance(array, SymbolicArray) else numpy_engine

    @property
    def shape(self) -> Shape:
        return self.array.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> DType:
        return self.array.dtype  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def is_symbolic(self) -> bool:
        """Whether it is only described, because a function is being traced."""
        return isinstance(self.array, SymbolicArray)

    def numpy(self) -> Array:
        """The numbers as a NumPy array, not copied."""
        if self.is_symbolic:
            raise TracingError(
                "this tensor has no numbers yet: the function is being traced",
                received=f"a symbolic {self.dtype} {self.shape}",
                mend="let the function compute with tensors only; read numbers after it returned",
            )
        return self.array  # type: ignore[no-any-return]

    def item(self) -> float | int | bool:
        """The number of a tensor with one element."""
        if self.size != 1:
            raise ShapeError(
                "item() reads a single number",
                expected="a tensor with one element",
                received=f"shape {self.shape}",
                mend="reduce it first, for example with .mean()",
            )
        return self.numpy().item()  # type: ignore[no-any-return]

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        head = f"{self.name}: " if self.name else ""
        if self.is_symbolic:
            return f"Tensor({head}symbolic {self.dtype} {self.shape})"
        body = np.array2string(
            self.array, separator=", ", precision=4, threshold=20, prefix="Tensor(" + head
        )
        dtype = "" if self.dtype == float32 else f", {self.dtype}"
        grad = ", requires_grad" if self.requires_grad else ""
        return f"Tensor({head}{body}{dtype}{grad})"

    def __len__(self) -> int:
        if not self.shape:
            raise ShapeError("a tensor without axes has no length", received="shape ()")
        return self.shape[0]

    def __bool__(self) -> bool:
        return bool(self.item())

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    __hash__ = object.__hash__

    # -- memory and gradient ---------------------------------------------------------------------
    def detach(self) -> Tensor:
        """The same numbers without the graph behind them."""
        return Tensor(HOOKS["array"](self), name=self.name)

    def backward(
        self,
        grad: Tensor | None = None,
        *,
        retain_graph: bool = False,
        accumulate: bool = False,
    ) -> None:
        """Computes the gradient of this tensor by every tensor it was computed from.

        See `glassnet.autodiff.backward`.
        """
        HOOKS["backward"](self, grad, retain_graph=retain_graph, accumulate=accumulate)

    def _repr_html_(self) -> str | None:
        """Notebooks show the numbers, and the graph of a computed tensor as a picture."""
        return in_notebook(self)

    # -- operators -------------------------------------------------------------------------------
    def __add__(self, other: Any) -> Tensor:
        return OPERATIONS["add"](self, other)

    def __radd__(self, other: Any) -> Tensor:
        return OPERATIONS["add"](other, self)

    def __sub__(self, other: Any) -> Tensor:
        return OPERATIONS["subtract"](self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return OPERATIONS["subtract"](other, self)

    def __mul__(self, other: Any) -> Tensor:
        return OPERATIONS["multiply"](self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return OPERATIONS["multiply"](other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return OPERATIONS["divide"](self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return OPERATIONS["divide"](other, self)

    def __pow__(self, other: Any) -> Tensor:
        return OPERATIONS["power"](self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return OPERATIONS["power"](other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return OPERATIONS["matmul"](self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return OPERATIONS["matmul"](other, self)

    def __neg__(self) -> Tensor:
        return OPERATIONS["negative"](self)

    def __abs__(self) -> Tensor:
        return OPERATIONS["abs"](self)

    def __eq__(self, other: Any) -> Tensor:  # type: ignore[override]
        return OPERATIONS["equal"](self, other)

    def __ne__(self, other: Any) -> Tensor:  # type: ignore[override]
        equal = OPERATIONS["equal"](self, other)
        return OPERATIONS["logical_not"](equal)

    def __lt__(self, other: Any) -> Tensor:
        return OPERATIONS["less"](self, other)

    def __le__(self, other: Any) -> Tensor:
        return OPERATIONS["less_equal"](self, other)

    def __gt__(self, other: Any) -> Tensor:
        return OPERATIONS["less"](other, self)

    def __ge__(self, other: Any) -> Tensor:
        return OPERATIONS["less_equal"](other, self)

    def __getitem__(self, index: Any) -> Tensor:
        return COMPOSED["index"](self, index)

    # -- the operations people chain -------------------------------------------------------------
    @property
    def T(self) -> Tensor:  # noqa: N802 (the field's own name)
        """The axes in reverse order."""
        return OPERATIONS["transpose"](self)

    def astype(self, dtype: Any) -> Tensor:
        """The values as another type; see `ops.cast`."""
        return OPERATIONS["cast"](self, dtype=check_dtype(dtype))

    def sum(self, axis: Axes = None, *, keepdims: bool = False) -> Tensor:
        return OPERATIONS["sum"](self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axes = None, *, keepdims: bool = False) -> Tensor:
        return COMPOSED["mean"](self, axis=axis, keepdims=keepdims)

    def max(self, axis: Axes = None, *, keepdims: bool = False) -> Tensor:
        return OPERATIONS["max"](self, axis=axis, keepdims=keepdims)

    def min(self, axis: Axes = None, *, keepdims: bool = False) -> Tensor:
        return COMPOSED["min"](self, axis=axis, keepdims=keepdims)

    def argmax(self, axis: int = -1) -> Tensor:
        return OPERATIONS["argmax"](self, axis=axis)

    def reshape(self, *shape: Any) -> Tensor:
        sizes = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        return OPERATIONS["reshape"](self, shape=tuple(sizes))

    def transpose(self, *axes: int) -> Tensor:
        return OPERATIONS["transpose"](self, axes=axes or None)

    def exp(self) -> Tensor:
        return OPERATIONS["exp"](self)

    def log(self) -> Tensor:
        return OPERATIONS["log"](self)

    def sqrt(self) -> Tensor:
        return OPERATIONS["sqrt"](self)

    def tanh(self) -> Tensor:
        return OPERATIONS["tanh"](self)

    def sigmoid(self) -> Tensor:
        return OPERATIONS["sigmoid"](self)

    def relu(self) -> Tensor:
        return OPERATIONS["relu"](self)


def tensor(
    values: Any, *, dtype: Any = None, name: str = "", requires_grad: bool = False
) -> Tensor:
    """A tensor of the given numbers.

    Python floats become float32 and Python integers int64; a NumPy array keeps its type and is
    copied, so that later changes to it do not reach the tensor.

    Args:
        values: a number, nested lists of numbers, a NumPy array or a tensor.
        dtype: the type to convert to.
        name: what pictures and messages call it.
        requires_grad: whether `backward` shall leave a gradient here; floats only.

    Raises:
        DTypeError: not numbers, or a gradient asked of integers.
        ShapeError: nested lists of unequal length.

    >>> tensor([[1, 2], [3, 4]], dtype="float32").shape
    (2, 2)
    """
    array = np.array(to_array(values), dtype=None if dtype is None else check_dtype(dtype))
    check_dtype(array.dtype)
    if requires_grad and not is_float(array.dtype):
        raise DTypeError(
            "only floats have gradients",
            expected="float32 or float64",
            received=str(array.dtype),
            mend='write the numbers as floats (1.0, not 1) or pass dtype="float32"',
        )
    return Tensor(array, name=name, requires_grad=requires_grad)


def as_tensor(values: Any) -> Tensor:
    """The tensor itself, or a constant tensor around the values, not copied."""
    return values if isinstance(values, Tensor) else Tensor(to_array(values))


def to_array(values: Any) -> Array:
    """Numbers in any form as a NumPy array, not copied if they are one already."""
    if isinstance(values, Tensor):
        return values.numpy()
    if isinstance(values, np.ndarray):
        return values
    try:
        array = np.asarray(values)
    except ValueError:
        raise ShapeError(
            "nested lists of unequal length",
            expected="rows of the same length",
            received=repr(values)[:60],
        ) from None
    if array.dtype.kind not in "biuf":
        raise DTypeError(
            "a tensor holds numbers",
            expected="numbers, nested lists of numbers, or a NumPy array",
            received=f"{type(values).__name__} {str(values)[:40]!r}",
        )
    if isinstance(values, np.generic) or array.dtype.kind != "f":
        return array
    return array.astype(float32)
