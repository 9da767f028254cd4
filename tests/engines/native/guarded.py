"""Compiled programs on arrays that end, or begin, at a page nobody may touch.

Run as a program: a read or write one byte outside an array ends it with a segmentation fault.
"""

import ctypes
import itertools
import mmap

import numpy as np

from glassnet.engines import Recorder, numpy_engine, replay
from glassnet.engines.native import compile_program

PAGE = mmap.PAGESIZE
SIZES = (1, 7, 15, 17, 31, 33)
F32, I64 = np.dtype("float32"), np.dtype("int64")
_libc = ctypes.CDLL(None, use_errno=True)
_kept = []  # mappings stay for the whole run


def guarded(values, *, at_end):
    """A copy of the array with an untouchable page right behind it, or right before it."""
    values = np.ascontiguousarray(values)
    pages = -(-values.nbytes // PAGE) + 2
    mapping = mmap.mmap(-1, pages * PAGE)
    _kept.append(mapping)
    start = ctypes.addressof(ctypes.c_char.from_buffer(mapping))
    for page in (0, pages - 1):
        if _libc.mprotect(ctypes.c_void_p(start + page * PAGE), ctypes.c_size_t(PAGE), 0):
            raise OSError(ctypes.get_errno(), "mprotect")
    offset = (pages - 1) * PAGE - values.nbytes if at_end else PAGE
    array = np.frombuffer(mapping, values.dtype, values.size, offset).reshape(values.shape)
    array[...] = values
    return array


def layer(m, k, n):
    """A product with bias and activation, its softmax, sums along both axes, and an update."""
    xp = Recorder()
    x, w, b = xp.input((m, k), F32), xp.input((n, k), F32), xp.input((n,), F32)
    picks = xp.input((m,), I64)
    hidden = xp.maximum(xp.add(xp.contract(x, w, spec="ik,jk->ij"), b), 0.0)
    powers = xp.exp(xp.subtract(hidden, xp.max(hidden, axes=(1,), keepdims=True)))
    soft = xp.divide(powers, xp.sum(powers, axes=(1,), keepdims=True))
    back = xp.contract(soft, x, spec="ij,ik->jk")
    moved = xp.subtract(w, xp.multiply(back, 0.1))
    rows = xp.gather(w, picks, axis=0)
    spread = xp.scatter_add(picks, rows, axis=0, length=n)
    turned = xp.tanh(xp.transpose(soft, axes=(1, 0)))
    outputs = [soft, moved, xp.sum(hidden, axes=(0,), keepdims=False), rows, spread, turned]
    return xp.finish(outputs)


def check(sizes, *, at_end, threads):
    m, k, n = sizes
    rng = np.random.default_rng(m * 10_000 + k * 100 + n)
    plain = [rng.normal(size=shape).astype(F32) for shape in ((m, k), (n, k), (n,))]
    plain.append(rng.integers(0, n, m))
    program = layer(m, k, n)
    expected = replay(program, numpy_engine, plain)
    arrays = [guarded(a, at_end=at_end) for a in plain]
    native = compile_program(program, threads=threads, updates={1: 1})
    out = [guarded(np.zeros_like(a), at_end=at_end) for i, a in enumerate(expected) if i != 1]
    native(*arrays, out=out)
    for ours, theirs in zip([out[0], arrays[1], *out[1:]], expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)


if __name__ == "__main__":
    for number, sizes in enumerate(itertools.product(SIZES, repeat=3)):
        check(sizes, at_end=number % 2 == 0, threads=1 + number % 3)
    print("nothing outside was touched")
