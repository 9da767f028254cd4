from __future__ import annotations

import pytest
from benchmarks.distance import Distance
from benchmarks.machine import cores
from benchmarks.race import place

from benchmarks import distance


def test_two_cores_take_turns() -> None:
    turn = Distance()()
    if len(cores()) < 2:
        assert turn is None
    else:
        assert turn is not None
        assert turn < 1e6  # ns; noise may leave nothing of a difference, but not that much


def test_one_core_has_no_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distance, "cores", lambda: [0])
    assert Distance()() is None


@pytest.mark.parametrize(
    ("turns", "found"),
    [
        ([30.0, 40.0], "near"),
        ([160.0, 150.0], "far"),
        ([30.0, 160.0], None),
        ([None, None], None),
        ([None, 30.0], "near"),
    ],
)
def test_a_place_is_known_where_it_stays(turns: list[float | None], found: str | None) -> None:
    assert place(turns) == found
