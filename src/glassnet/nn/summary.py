"""A model as a table: layers, output shapes, numbers of parameters; found from shapes alone."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from ..engines import Recorder
from ..errors import ShapeError
from ..graph import no_grad
from ..tensor import Tensor
from ..tensor.dtypes import check_dtype
from .context import watching
from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module

Shape = tuple[int, ...]
UNKNOWN = "–"


def summary(module: Module, input_shape: Shape | None = None, *, dtype: Any = None) -> str:
    """See `Module.summary`."""
    shape = first_shape(module) if input_shape is None else input_shape
    table = [("layer", "output shape", "parameters")]
    for path, kind, output, number in rows(module, shape, dtype=dtype):
        title = "  " * (path.count(".") + 1) + f"{path} ({kind})" if path else kind
        table.append((title, output, f"{number:,}"))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        f"{layer:<{widths[0]}}  {output:<{widths[1]}}  {number:>{widths[2]}}"
        for layer, output, number in table
    ]
    return "\n".join([*lines, totals(module)])


def rows(
    module: Module, input_shape: Shape | None, *, dtype: Any = None
) -> list[tuple[str, str, str, int]]:
    """For each layer its path, its class, its output's shape as text, and how many parameters."""
    outputs = {} if input_shape is None else output_shapes(module, input_shape, dtype=dtype)
    return [
        (path, type(part).__name__, _text(outputs.get(id(part))), count(part))
        for path, part in module.named_modules().items()
    ]


def output_shapes(module: Module, input_shape: Shape, *, dtype: Any = None) -> dict[int, Shape]:
    """Each layer's output shape for a batch of one, by the layer's id; no number is computed."""
    recorder = Recorder()
    found: dict[int, Shape] = {}

    def note(layer: Module, _path: str, output: Any) -> None:
        if isinstance(output, Tensor):
            found[id(layer)] = output.shape

    dtype = module.dtype if dtype is None else check_dtype(dtype)
    with ExitStack() as stack:
        for parameter in module.named_parameters().values():
            if isinstance(parameter, Parameter):
                symbol = recorder.input(parameter.shape, parameter.dtype)
                stack.enter_context(parameter.standing_in(symbol))
        stack.enter_context(no_grad())
        stack.enter_context(watching(note))
        module(Tensor(recorder.input((1, *input_shape), dtype)))
    return found


def count(module: Module) -> int:
    """How many numbers the module's parameters hold."""
    return sum(parameter.size for parameter in module.parameters())


def first_shape(module: Module) -> Shape | None:
    """The input's shape where the first layer says how many features it takes."""
    leaves = (m for m in module.named_modules().values() if len(m.named_modules()) == 1)
    features = getattr(next(leaves, None), "in_features", None)
    return None if features is None else (features,)


def _text(shape: Shape | None) -> str:
    if shape is None:
        return UNKNOWN
    if not shape:
        raise ShapeError("a layer's output has no batch", expected="(batch, …)", received="()")
    return f"({', '.join(['batch', *map(str, shape[1:])])})"


def totals(module: Module) -> str:
    """The parameters of all layers together, and their bytes."""
    parameters = module.parameters()
    trainable = sum(p.size for p in parameters if p.requires_grad)
    size = sum(p.size * p.dtype.itemsize for p in parameters)
    return f"{count(module):,} parameters, {trainable:,} of them trainable, {size:,} bytes"
