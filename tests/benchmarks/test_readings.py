"""What statistics cost is measured on the same training, with and without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import readings


def test_rounds_alternate_and_the_first_epoch_counts_for_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def seconds(_name: str, _mnist: Path, measured: bool) -> list[float]:
        asked.append(measured)
        return [0.5, 0.104, 0.104, 0.2] if measured else [0.3, 0.1, 0.1, 0.1]

    monkeypatch.setattr(readings, "_seconds", seconds)
    found = readings.compared("lenet", Path(), rounds=2)
    assert asked == [True, False, False, True, True, False]  # whoever is first takes turns
    asked.clear()
    assert readings.compared("digits", Path(), rounds=2) == found
    assert len(asked) == 2 * (1 + 2 * readings.TASKS["digits"].pairs)
    assert found["epoch_ms"] == pytest.approx([100, 104])
    assert found["start_ms"] == pytest.approx([200, 396])
    assert found["share"] == pytest.approx(0.04)
