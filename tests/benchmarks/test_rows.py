from __future__ import annotations

import json

import pytest
from benchmarks.networks import NETWORK_ROWS
from benchmarks.rows import ALL_ROWS, MLP, POINTS, AnyRow, from_json


def test_flop_of_points_by_hand() -> None:
    # forward 2·32·(2·16 + 16·16 + 16·2), weight gradients the same, input gradients without 2·16
    assert POINTS.flop == 2 * 32 * (320 + 320 + 288)


def test_parameters_by_hand() -> None:
    assert MLP.parameters == 784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10


def test_flop_of_lenet_by_hand() -> None:
    first, second = 28 * 28 * 25 * 6, 10 * 10 * 25 * 6 * 16
    linear = 400 * 120 + 120 * 84 + 84 * 10
    assert NETWORK_ROWS["lenet"].flop == 2 * 64 * (2 * first + 3 * (second + linear))


@pytest.mark.parametrize("row", ALL_ROWS.values(), ids=ALL_ROWS)
def test_a_row_survives_json(row: AnyRow) -> None:
    assert from_json(json.loads(json.dumps(row.json()))) == row
