from __future__ import annotations

from pathlib import Path

import pytest

from glassnet.cli.descend import _spread

from .conftest import Run


def rows(text: str, head: str) -> list[list[str]]:
    """The table below a line that begins with this word."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.split()[:1] == [head])
    found = []
    for line in lines[start + 1 :]:
        if not line.startswith("  "):
            break
        found.append(line.split())
    return found


def test_stationary_points_and_path(run: Run) -> None:
    said = run("descend", "x**4 - 3*x**2 + x", "--start", "2")
    assert said.code == 0
    assert [cells[:2] for cells in rows(said.out, "kind")] == [
        ["minimum", "-1.300839566"],
        ["maximum", "0.1699384433"],
        ["minimum", "1.130901123"],
    ]
    path = rows(said.out, "step")
    assert path[0] == ["0", "2", "6", "21"]
    assert path[-1][0] == "50"
    assert float(path[-1][1]) == pytest.approx(1.1309011, abs=1e-5)
    assert "learning rate 0.024 (for a curvature of 42 at the start)" in said.out


def test_several_variables_by_place_or_by_name(run: Run) -> None:
    ask = ("descend", "x**2 + 4*y**2", "--steps", "3", "--start")
    by_place, by_name = run(*ask, "-1,2"), run(*ask, "y=2,x=-1")
    assert by_place.code == 0
    assert by_place.out == by_name.out
    assert "stationary" not in by_place.out
    assert rows(by_place.out, "step")[0] == ["0", "-1", "2", "17", "16.1"]


def test_all_optimizers_are_offered(run: Run) -> None:
    from glassnet.optim import OPTIMIZERS

    help_text = run("descend", "--help").out
    ask = ("descend", "x**2 + y**2", "--start", "1,1", "--steps", "2", "--optimizer")
    for name in OPTIMIZERS:
        assert run(*ask, name).code == 0
        assert name in help_text


def test_several_optimizers(run: Run, tmp_path: Path) -> None:
    ask = ("descend", "x**2 + 4*y**2", "--start", "1,1", "--steps", "3", "--optimizer", "sgd, adam")
    said = run(*ask, "--out", "p.gif")
    assert said.code == 0
    assert [line.split()[1] for line in said.out.splitlines() if line.startswith("descent")] == [
        "sgd,",
        "adam,",
    ]
    assert (tmp_path / "p.gif").read_bytes().startswith(b"GIF89a")


def test_picture(run: Run, tmp_path: Path) -> None:
    said = run("descend", "x**2", "--start", "1", "--out", "p.svg")
    assert said.code == 0
    assert "minimum: x = 0" in (tmp_path / "p.svg").read_text(encoding="utf-8")


def test_where_the_second_derivative_does_not_decide_the_sides_do(run: Run) -> None:
    said = run("descend", "x**4", "--start", "1", "--steps", "1")
    assert "undecided by f'' (f' goes from − to +: a minimum)" in said.out
    assert "saddle" in run("descend", "x**3", "--start", "1", "--steps", "1").out


def test_the_range_of_the_search(run: Run) -> None:
    said = run("descend", "sin(x)", "--start", "0", "--low", "0", "--high", "10", "--steps", "1")
    assert "3 with f' = 0 in 0 ≤ x ≤ 10" in said.out
    assert "no point with f' = 0" in run("descend", "exp(x)", "--start", "0").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("x**4", "--start", "2", "--lr", "5"), ["ran away at step 2", "lr < 0.042"]),
        (("x*y", "--start", "2"), ["a finite number for x, y", "--start x=1,y=1"]),
        (("x", "--start", "two"), ["a finite number for x"]),
        (("x", "--start", "inf"), ["a finite number for x"]),
        (("x*y", "--start", "x=1,z=2"), ["a finite number for x, y"]),
        (("2", "--start", "1"), ["no variable to descend along"]),
        (("log(x)", "--start", "-1"), ["no finite value at the start"]),
        (("x", "--start", "0", "--low", "3", "--high", "1"), ["low < high"]),
        (("x**2", "--start", "1", "--optimizer", "addam"), ['did you mean "adam"']),
        (("x**2", "--start", "1", "--lr", "-1"), ["lr=-1.0"]),
        (("x**2", "--start", "1", "--steps", "-1"), ["steps ≥ 0"]),
        (("x**2", "--start", "1", "--out", "p.bmp"), [".svg, .png, .html"]),
    ],
)
def test_mistakes(run: Run, arguments: tuple[str, ...], words: list[str]) -> None:
    said = run("descend", *arguments)
    assert said.code == 2
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err


@pytest.mark.parametrize("last", [12, 13, 50, 1000, 10**6])
def test_a_long_path_is_shown_at_ever_wider_steps(last: int) -> None:
    shown = _spread(last)
    assert shown[:4] == [0, 1, 2, 3]
    assert shown[-1] == last
    assert len(shown) <= 12
    assert shown == sorted(set(shown))
