"""Which epoch was the best, and when there is no more hope for a better one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..data.checks import check_count
from ..errors import ArgumentError, did_you_mean
from .history import HELD_OUT, History
from .metric import Metric


@dataclass(slots=True)
class Judge:
    """Judges by the history alone, and so alike after a resumed training; each row is read once.

    Attributes:
        column: of the history, such as "validation_loss".
        higher_is_better: which way is up.
        patience: epochs without a better one after which training ends; None for no end.
    """

    column: str
    higher_is_better: bool
    patience: int | None
    _history: History | None = None  # that was read last, …
    _read: int = 0  # … so many rows of it
    _best: int | None = None

    @staticmethod
    def of(
        column: str | None, patience: int | None, metrics: Sequence[Metric], *, held: bool
    ) -> Judge:
        """The judge by a column; left out, it is the loss, on data held out if there is any.

        Raises:
            ArgumentError: the history will have no such column; the patience is no count.
        """
        if patience is not None:
            check_count(patience, "patience")
        numbers = (metric for metric in metrics if not metric.is_matrix)
        upwards = {"loss": False, **{metric.name: metric.higher_is_better for metric in numbers}}
        columns = upwards | ({HELD_OUT + name: up for name, up in upwards.items()} if held else {})
        column = column or (HELD_OUT + "loss" if held else "loss")
        if column not in columns:
            asked = not held and column.startswith(HELD_OUT)
            more = "; validation=0.2 holds rows out" if asked else ""
            raise ArgumentError(
                f'the history will have no column "{column}" to judge epochs by',
                mend=did_you_mean(column, columns) + more,
            )
        return Judge(column, columns[column], patience)

    def best(self, history: History) -> int | None:
        """The place of the best epoch, the first of equals; None before the first."""
        if history is not self._history or len(history) < self._read:
            self._history, self._read, self._best = history, 0, None
        rows = history.rows
        for place in range(self._read, len(rows)):
            value = rows[place][self.column]
            known = math.nan if self._best is None else rows[self._best][self.column]
            better = value > known if self.higher_is_better else value < known
            if better or (math.isnan(known) and not math.isnan(value)):
                self._best = place
        self._read = len(rows)
        return self._best

    def is_over(self, history: History) -> bool:
        """Whether the best epoch lies so far back that none better is expected."""
        return self.left(history) == 0

    def left(self, history: History) -> float:
        """Epochs that are run in any case, however bad they are."""
        if self.patience is None:
            return math.inf
        best = self.best(history)
        behind = len(history) - 1 - (-1 if best is None else best)
        return max(self.patience - behind, 0)
