"""JAX with the whole step under one jit, called from a Python loop."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..material import Material
from .base import Contestant

Array = np.ndarray[Any, Any]
Tree = Any
MOMENTS = {"sgd": 0, "momentum": 1, "adam": 2}  # trees kept beside the parameters


class JaxStep(Contestant):
    flags = "jit of the whole step, state donated, weights stored (in, out)"

    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        self.inputs = jnp.asarray(material.inputs)
        self.labels = jnp.asarray(material.labels.astype(np.int32))
        self.compiled = self._compile()
        self.restart()

    def _compile(self) -> Any:
        return jax.jit(self._step, donate_argnums=0)

    def restart(self) -> None:
        params = self._initial()
        moments = tuple(_zeros(params) for _ in range(MOMENTS[self.row.optimizer]))
        self.state = (params, moments, jnp.float32(0))
        jax.block_until_ready(self.state)

    def _initial(self) -> Tree:
        return [(jnp.array(w.T), jnp.array(b)) for w, b in self.material.pairs()]

    def prepare(self, steps: int) -> None:
        order = jnp.asarray(self.material.order(steps).astype(np.int32))
        self.order: Any = list(order)
        jax.block_until_ready(self.order)

    def _loss(self, params: Tree, x: Any, y: Any) -> Any:
        activation = jnp.tanh if self.row.activation == "tanh" else jax.nn.relu
        for w, b in params[:-1]:
            x = activation(x @ w + b)
        w, b = params[-1]
        logits = jax.nn.log_softmax(x @ w + b)
        return -jnp.mean(jnp.take_along_axis(logits, y[:, None], axis=1))

    def _step(self, state: Tree, inputs: Any, labels: Any, index: Any) -> tuple[Tree, Any]:
        params, moments, steps = state
        loss, gradients = jax.value_and_grad(self._loss)(params, inputs[index], labels[index])
        steps = steps + 1
        params, moments = self._update(params, gradients, moments, steps)
        return (params, moments, steps), loss

    def _update(
        self, params: Tree, gradients: Tree, moments: Tree, steps: Any
    ) -> tuple[Tree, Tree]:
        rules = {"sgd": self._sgd, "momentum": self._momentum, "adam": self._adam}
        return rules[self.row.optimizer](params, gradients, moments, steps)

    def _momentum(
        self, params: Tree, gradients: Tree, moments: Tree, steps: Any
    ) -> tuple[Tree, Tree]:
        velocity = jax.tree.map(lambda v, g: 0.9 * v + g, moments[0], gradients)
        return jax.tree.map(lambda p, v: p - self.row.lr * v, params, velocity), (velocity,)

    def _sgd(self, params: Tree, gradients: Tree, moments: Tree, steps: Any) -> tuple[Tree, Tree]:
        return jax.tree.map(lambda p, g: p - self.row.lr * g, params, gradients), moments

    def _adam(self, params: Tree, gradients: Tree, moments: Tree, steps: Any) -> tuple[Tree, Tree]:
        each = jax.tree.map
        first = each(lambda m, g: 0.9 * m + 0.1 * g, moments[0], gradients)
        second = each(lambda v, g: 0.999 * v + 0.001 * g * g, moments[1], gradients)
        # 1 − βᵗ by expm1: the plain difference has four digits left in float32 at first.
        rate = self.row.lr / -jnp.expm1(steps * math.log(0.9))
        scale = jax.lax.rsqrt(-jnp.expm1(steps * math.log(0.999)))
        params = each(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v) * scale + 1e-8), params, first, second
        )
        return params, (first, second)

    def run(self) -> Any:
        losses = []
        for index in self.order:
            self.state, loss = self.compiled(self.state, self.inputs, self.labels, index)
            losses.append(loss)
        jax.block_until_ready((self.state, losses))
        return losses

    def weights(self) -> list[tuple[Array, Array]]:
        return [(np.asarray(w).T.copy(), np.asarray(b).copy()) for w, b in self.state[0]]


def _zeros(tree: Tree) -> Tree:
    return jax.tree.map(jnp.zeros_like, tree)
