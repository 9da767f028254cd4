from __future__ import annotations

import json

import pytest
from benchmarks.rows import MLP, POINTS, ROWS, Row


def test_flop_of_points_by_hand() -> None:
    # forward 2·32·(2·16 + 16·16 + 16·2), weight gradients the same, input gradients without 2·16
    assert POINTS.flop == 2 * 32 * (320 + 320 + 288)


def test_parameters_by_hand() -> None:
    assert MLP.parameters == 784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_survives_json(row: Row) -> None:
    assert Row.from_json(json.loads(json.dumps(row.json()))) == row
