"""Kernels of one statement each: scatter_add, and the parts of pad and concat."""

from __future__ import annotations

import math

from ..program import Variable
from . import elementwise
from .expression import Expressions
from .index import Fetch, Index, delinearise, linearise, of
from .ir import Value, number, register_type
from .kernel import Kernel
from .lanes import counted, guard, nest, sweep
from .rows import BEGIN, END
from .target import Target


def write_scatter(e: Expressions, kernel: Kernel, target: Target) -> None:
    """Rows begin … end of the target axis: zeros, then the updates in the order of the indices."""
    w, anchor = e.w, kernel.anchors[0]
    indices, updates = anchor.operands
    assert isinstance(indices, Variable) and isinstance(updates, Variable)
    settings, out = dict(anchor.settings), anchor.out
    axis, length = settings["axis"], settings["length"]
    before, after = out.shape[:axis], out.shape[axis + 1 :]
    width, base = math.prod(after), e.pointer(out)
    lanes = max(target.vector_bytes // max(out.dtype.itemsize, 4), 1)

    with nest(e, before) as outer:

        def clear(column: Index) -> None:
            place = (*outer, row, *delinearise(column, after))
            zero = number(0, register_type(out.dtype))
            e.store(zero, out.dtype, base, linearise(place, out.shape))

        def add(column: Index) -> None:
            inner = delinearise(column, after)
            update = e.value(updates, (*outer, *chosen, *inner))
            flat = linearise((*outer, goal, *inner), out.shape)
            total = elementwise.apply(w, "add", [e.reload(out, flat, base), update], out.dtype)
            e.store(total, out.dtype, base, flat)

        with counted(e, length, BEGIN, END) as row:
            sweep(e, width, lanes, clear)
        with nest(e, indices.shape) as chosen:
            value = e.position(of(Fetch(indices, chosen, length)))
            goal = e.bind(value, length)
            first, last = w.compare("icmp sge", value, BEGIN), w.compare("icmp slt", value, END)
            with guard(e, w.binary("and", first, last)):
                sweep(e, width, lanes, add)


def write_place(e: Expressions, kernel: Kernel, target: Target) -> None:
    """One part of a pad or concat, written to its corner of the target; or the padding itself."""
    assert kernel.target is not None
    out = kernel.target
    part = kernel.stores[0] if kernel.stores else None
    shape = part.shape if part else out.shape
    lanes = max(target.vector_bytes // max(out.dtype.itemsize, 4), 1)
    width = kernel.columns

    def copy(column: Index) -> None:
        place = delinearise(row * width + column, shape)
        value = e.value(part, place) if part else _padding(e, out)
        moved = tuple(p + o for p, o in zip(place, kernel.offset, strict=True))
        e.store(value, out.dtype, e.pointer(out), linearise(moved, out.shape))

    with counted(e, kernel.rows, BEGIN, END) as row:
        sweep(e, width, lanes, copy)


def _padding(e: Expressions, out: Variable) -> Value:
    settings = dict(e.statements[out].settings)
    return number(settings["value"], register_type(out.dtype))
