"""Contestants whose products are done by NumPy's BLAS."""

from __future__ import annotations

from typing import Any

from ..material import Material
from .base import Contestant, thread_choices


class BlasContestant(Contestant):
    """Tries BLAS with one thread and with all; without threadpoolctl there is no choice."""

    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        self.pools = _pools()

    def choices(self) -> list[int]:
        return thread_choices(self.threads) if self.pools else [self.threads]

    def use_threads(self, count: int) -> None:
        if self.pools:
            self.pools.limit(limits=count, user_api="blas")


def _pools() -> Any:
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController()
