from __future__ import annotations

from pathlib import Path

from .conftest import Run


def test_table_and_pictures(run: Run, tmp_path: Path) -> None:
    said = run(
        "approximate", "sin(6*x)", "--width", "1,4", "--steps", "100", "--tries", "1",
        "--out", "a.svg", "--units", "u.png",
    )  # fmt: skip
    assert said.code == 0
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[0] == ["f", "sin(6*x)", "on", "[0,", "1]"]
    assert [line[:2] for line in lines[3:5]] == [["1", "4"], ["4", "13"]]
    assert float(lines[4][2]) < float(lines[3][2])
    assert "approximated by sums" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert (tmp_path / "u.png").exists()


def test_widths_that_are_no_numbers(run: Run) -> None:
    said = run("approximate", "x", "--width", "4,many")
    assert said.code == 2
    assert "whole numbers" in said.err
