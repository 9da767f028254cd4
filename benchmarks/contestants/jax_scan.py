"""JAX with the loop itself compiled: lax.scan over the batches, one call for all steps."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .jax_step import JaxStep, Tree


class JaxScan(JaxStep):
    flags = "jit of lax.scan over all steps, state donated, weights stored (in, out)"

    def _compile(self) -> Any:
        def loop(state: Tree, inputs: Any, labels: Any, order: Any) -> tuple[Tree, Any]:
            return jax.lax.scan(lambda s, i: self._step(s, inputs, labels, i), state, order)

        return jax.jit(loop, donate_argnums=0)

    def prepare(self, steps: int) -> None:
        self.order = jnp.asarray(self.material.order(steps).astype(np.int32))
        jax.block_until_ready(self.order)

    def run(self) -> Any:
        self.state, losses = self.compiled(self.state, self.inputs, self.labels, self.order)
        jax.block_until_ready((self.state, losses))
        return losses
