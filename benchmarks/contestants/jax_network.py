"""JAX's networks with the whole step under one jit, called from a Python loop."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .jax_functions import FUNCTIONS, converted
from .jax_step import JaxStep, Tree

Array = np.ndarray[Any, Any]


class JaxNetwork(JaxStep):
    flags = "jit of the whole step, state donated, channels last"

    def _initial(self) -> Tree:
        return converted(self.material.arrays)

    def _loss(self, params: Tree, x: Any, y: Any) -> Any:
        logits, moved = FUNCTIONS[self.row.network](params, x)
        chances = jax.nn.log_softmax(logits)
        return -jnp.mean(jnp.take_along_axis(chances, y[..., None], axis=-1)), moved

    def _step(self, state: Tree, inputs: Any, labels: Any, index: Any) -> tuple[Tree, Any]:
        params, moments, steps = state
        value = jax.value_and_grad(self._loss, has_aux=True)
        (loss, moved), gradients = value(params, inputs[index], labels[index])
        steps = steps + 1
        params, moments = self._update(params, gradients, moments, steps)
        return ({**params, **moved}, moments, steps), loss

    def weights(self) -> list[tuple[Array, Array]]:
        return []
