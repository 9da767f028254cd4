"""Mini-batches: which rows the next step learns from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..tensor import Seed, generator
from .checks import check_count

Array = np.ndarray[Any, Any]


def batches(
    count: int, batch_size: int | None = 32, *, seed: Seed = 0, epoch: int = 0
) -> Iterator[Array]:
    """Row indices of the mini-batches of one epoch, sampled without replacement.

    The rows are put in random order and dealt out M at a time, so that each is used exactly once an
    epoch; the last batch may be smaller. With M = m, the number of rows, a step is one of
    full-batch gradient descent.

    Args:
        count: m, how many rows there are.
        batch_size: M; None, or more than m, means m.
        seed: same seed and epoch, same batches.
        epoch: which pass over the data; each has an order of its own.

    Yields:
        int64 arrays (M,) of indices into the rows.

    Raises:
        ArgumentError: a count or batch size below 1.

    >>> [len(batch) for batch in batches(10, 4)]
    [4, 4, 2]
    >>> import numpy as np
    >>> np.sort(np.concatenate(list(batches(10, 4)))).tolist() == list(range(10))
    True
    """
    check_count(count, "count")
    if batch_size is not None:
        check_count(batch_size, "batch_size")
    order = generator(seed).fork("batches").fork(epoch).permutation(count)
    size = min(batch_size or count, count)
    return (order[start : start + size] for start in range(0, count, size))
