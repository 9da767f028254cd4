"""A training step written with the protocol alone: two layers, cross-entropy, Adam."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.engines import Program, Recorder

F32, I64 = np.dtype("float32"), np.dtype("int64")
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def adam(xp: Recorder, p: Any, g: Any, m: Any, v: Any, rate: Any) -> list[Any]:
    m = xp.add(xp.multiply(m, BETA1), xp.multiply(g, 1 - BETA1))
    v = xp.add(xp.multiply(v, BETA2), xp.multiply(xp.multiply(g, g), 1 - BETA2))
    step = xp.divide(xp.multiply(m, rate), xp.add(xp.sqrt(v), EPSILON))
    return [xp.subtract(p, step), m, v]


def training_step(
    inputs: int, hidden: int, classes: int, batch: int
) -> tuple[Program, dict[int, int]]:
    """The program and its updates: loss first, then every parameter with its two moments."""
    xp = Recorder()
    x, y = xp.input((batch, inputs), F32), xp.input((batch,), I64)
    rate = xp.input((), F32)
    shapes = [(hidden, inputs), (hidden,), (classes, hidden), (classes,)]
    state = [[xp.input(shape, F32) for _ in range(3)] for shape in shapes]
    w1, b1, w2, b2 = (s[0] for s in state)

    h = xp.maximum(xp.add(xp.contract(x, w1, spec="bi,oi->bo"), b1), 0.0)
    logits = xp.add(xp.contract(h, w2, spec="bi,oi->bo"), b2)
    shifted = xp.subtract(logits, xp.max(logits, axes=(1,), keepdims=True))
    powers = xp.exp(shifted)
    total = xp.sum(powers, axes=(1,), keepdims=True)
    hit = xp.equal(xp.reshape(y, shape=(batch, 1)), xp.arange(length=classes, dtype=I64))
    picked = xp.sum(xp.where(hit, shifted, 0.0), axes=(1,), keepdims=True)
    losses = xp.subtract(xp.log(total), picked)
    loss = xp.multiply(xp.sum(losses, axes=(0, 1), keepdims=False), 1 / batch)

    d = xp.subtract(xp.divide(powers, total), xp.cast(hit, dtype=F32))
    d = xp.multiply(d, 1 / batch)
    back = xp.contract(d, w2, spec="bo,oi->bi")
    dh = xp.where(xp.less(0.0, h), back, 0.0)
    gradients = [
        xp.contract(dh, x, spec="bo,bi->oi"),
        xp.sum(dh, axes=(0,), keepdims=False),
        xp.contract(d, h, spec="bo,bi->oi"),
        xp.sum(d, axes=(0,), keepdims=False),
    ]
    outputs = [loss]
    for (p, m, v), g in zip(state, gradients, strict=True):
        outputs += adam(xp, p, g, m, v, rate)
    program = xp.finish(outputs)
    return program, {3 + i: 1 + i for i in range(12)}


def values(program: Program, classes: int, seed: int = 0) -> list[np.ndarray]:
    """Numbers for the inputs: data, labels, rate, parameters; moments at zero."""
    rng = np.random.default_rng(seed)
    arrays = [
        rng.normal(size=program.inputs[0].shape).astype(F32),
        rng.integers(0, classes, program.inputs[1].shape),
        np.array(0.01, F32),
    ]
    for i, v in enumerate(program.inputs[3:]):
        start = 0.3 * rng.normal(size=v.shape) if i % 3 == 0 else np.zeros(v.shape)
        arrays.append(start.astype(F32))
    return arrays
