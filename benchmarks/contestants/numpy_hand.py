"""Plain NumPy, written by hand: no array is allocated in a step, one update for all parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..material import Material
from .blas import BlasContestant

Array = np.ndarray[Any, Any]


class NumpyHand(BlasContestant):
    """Forward and backward written out; parameters and gradients are views of two flat arrays."""

    flags = "out= everywhere, one flat update"

    def __init__(self, material: Material, threads: int, dtype: str = "float32") -> None:
        super().__init__(material, threads)
        self.dtype = np.dtype(dtype)
        self.inputs = material.inputs.astype(self.dtype, copy=False)
        count, batch = self.row.parameters, self.row.batch
        self.flat, self.grad, self.scratch = (np.empty(count, self.dtype) for _ in range(3))
        self.first, self.second = (np.zeros(count, self.dtype) for _ in range(2))
        self.params, self.grads = self._views(self.flat), self._views(self.grad)
        self.x = [np.empty((batch, n), self.dtype) for n in self.row.widths]
        self.d = [np.empty((batch, n), self.dtype) for n in self.row.widths]
        self.positive = [np.empty((batch, n), bool) for n in self.row.widths]
        self.rows = np.arange(batch)
        self.restart()

    def _views(self, flat: Array) -> list[tuple[Array, Array]]:
        views, start = [], 0
        for i, o in self.row.layers:
            end = start + i * o
            views.append((flat[start:end].reshape(o, i), flat[end : end + o]))
            start = end + o
        return views

    def restart(self) -> None:
        for (w, b), (w0, b0) in zip(self.params, self.material.pairs(), strict=True):
            w[...], b[...] = w0, b0
        self.first[...] = 0
        self.second[...] = 0
        self.steps = 0

    def prepare(self, steps: int) -> None:
        self.order = self.material.order(steps)

    def run(self) -> Any:
        losses = np.empty(len(self.order), self.dtype)
        for step, index in enumerate(self.order):
            losses[step] = self._step(index)
        return losses

    def _step(self, index: Array) -> float:
        np.take(self.inputs, index, axis=0, out=self.x[0], mode="clip")
        self._forward()
        loss = self._loss(self.material.labels[index])
        self._backward()
        self.steps += 1
        if self.row.optimizer == "sgd":
            self.grad *= self.row.lr
            self.flat -= self.grad
        else:
            self._adam()
        return loss

    def _forward(self) -> None:
        for layer, (w, b) in enumerate(self.params):
            out = self.x[layer + 1]
            np.matmul(self.x[layer], w.T, out=out)
            out += b
            if layer + 1 == len(self.params):
                return
            if self.row.activation == "tanh":
                np.tanh(out, out=out)
            else:
                np.maximum(out, 0, out=out)

    def _loss(self, labels: Array) -> float:
        """Mean cross-entropy; leaves (softmax − one-hot) / batch in the last `d`."""
        logits, d = self.x[-1], self.d[-1]
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=d)
        total = d.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - logits[self.rows, labels]).mean()
        d /= total
        d[self.rows, labels] -= 1
        d /= len(labels)
        return float(loss)

    def _backward(self) -> None:
        for layer in reversed(range(len(self.params))):
            (w, _), (dw, db), d = self.params[layer], self.grads[layer], self.d[layer + 1]
            np.matmul(d.T, self.x[layer], out=dw)
            np.sum(d, axis=0, out=db)
            if layer == 0:
                return
            x, before = self.x[layer], self.d[layer]
            np.matmul(d, w, out=before)
            if self.row.activation == "tanh":
                np.multiply(x, x, out=x)
                np.subtract(1, x, out=x)
                before *= x
            else:
                np.greater(x, 0, out=self.positive[layer])
                before *= self.positive[layer]

    def _adam(self) -> None:
        m, v, g, scratch = self.first, self.second, self.grad, self.scratch
        np.multiply(g, 0.1, out=scratch)
        m *= 0.9
        m += scratch
        g *= g
        g *= 0.001
        v *= 0.999
        v += g
        np.sqrt(v, out=scratch)
        scratch /= np.sqrt(1 - 0.999**self.steps)
        scratch += 1e-8
        np.divide(m, scratch, out=scratch)
        scratch *= self.row.lr / (1 - 0.9**self.steps)
        self.flat -= scratch

    def weights(self) -> list[tuple[Array, Array]]:
        return [(w.copy(), b.copy()) for w, b in self.params]
