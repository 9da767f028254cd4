"""Several descents on one function, from above, in space, and step by step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

import glassnet as gn
from glassnet import optim, view
from glassnet.optim.descent import Descent
from glassnet.view.descent import terrain
from glassnet.view.plot import COLOURS, plotting
from glassnet.view.terrain import LARGE, SMALL, track

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def bowl(x: gn.Tensor) -> gn.Tensor:
    return x[0] ** 2 + 4 * x[1] ** 2


@pytest.fixture(scope="module")
def paths() -> list[Descent]:
    return [
        gn.descend(bowl, [-2.0, 1.0], one, 6) for one in (optim.SGD(lr=0.1), optim.Adam(lr=0.3))
    ]


def test_the_heights_are_those_of_f(paths: list[Descent]) -> None:
    ground = terrain(paths)
    np.testing.assert_allclose(
        ground.heights, ground.x[None, :] ** 2 + 4 * ground.y[:, None] ** 2, rtol=1e-12
    )
    inside = paths[0].points
    np.testing.assert_allclose(ground.height(inside), paths[0].values, atol=0.01)
    corner = np.array([[ground.x[-1], ground.y[-1]]])
    assert ground.height(corner) == pytest.approx(ground.heights[-1, -1:])


STRETCH = gn.tensor([[1.0], [4.0]], dtype="float64")


@pytest.mark.parametrize(
    ("f", "calls"),
    [
        (bowl, 6),
        (lambda x: (x * x * STRETCH.reshape(2)).sum(), 70),  # takes the shape of one point alone
        (lambda x: (x.reshape((2, -1)) ** 2 * STRETCH).sum(), 70),  # takes all, and adds them up
    ],
    ids=["elements", "a shape", "a sum"],
)
def test_heights_are_asked_for_at_once_where_that_is_the_same(
    f: Callable[[gn.Tensor], gn.Tensor], calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(terrain.__globals__, "CELLS", 8)
    asked = []

    def counted(x: gn.Tensor) -> gn.Tensor:
        asked.append(x.shape)
        return f(x)

    path = gn.descend(counted, [2.0, -1.0], optim.SGD(lr=0.1), 2)
    asked.clear()
    ground = terrain([path])
    expected = ground.x[None, :] ** 2 + 4 * ground.y[:, None] ** 2
    np.testing.assert_allclose(ground.heights, expected, rtol=1e-12)
    assert len(asked) == calls


def test_paths_side_by_side(paths: list[Descent], texts: Texts, looks: Looks) -> None:
    picture = view.descent(*paths, names=["a", "b"], surface=True)
    assert {"SGD(lr=0.1)", "Adam(lr=0.3)", "a", "b", "f", "equal f", "start"} <= set(texts(picture))
    first, second = (path.values[-1] for path in paths)
    assert picture.alt == (
        f"Descents of one function. SGD(lr=0.1), 6 steps: f from 8 to {first:.4g}. "
        f"Adam(lr=0.3), 6 steps: f from 8 to {second:.4g}."
    )
    looks(view.descent(*paths), "descents", dpi=36)
    looks(view.descent(paths[0], surface=True), "surface-dark", dark=True, dpi=30)


def test_the_minimum_is_marked_where_it_is_told(paths: list[Descent], texts: Texts) -> None:
    assert "minimum" not in texts(view.descent(*paths))
    picture = view.descent(*paths, minimum=(3.0, 0.0))  # beyond the paths
    assert "minimum" in texts(picture)
    assert terrain(paths, np.array([[3.0, 0.0]])).extent[1] > 3.0
    with pytest.raises(gn.ShapeError, match="has two coordinates"):
        view.descent(*paths, minimum=(1.0,))


def test_short_steps_have_small_markers(paths: list[Descent]) -> None:
    slow = gn.descend(bowl, [-2.0, 1.0], optim.SGD(lr=1e-3), 6)
    found = []
    with plotting() as plot:
        plot.axes.set(xlim=(-2, 2), ylim=(-2, 2))
        for path in (paths[1], slow):
            track(plot.axes, path.points, COLOURS[0], "path")
            found.append(plot.axes.lines[-2].get_markersize())
    assert found == [LARGE, SMALL]


def test_paths_of_one_number(texts: Texts) -> None:
    two = [gn.descend(lambda x: x**2, 2.0, optim.SGD(lr=rate), 3) for rate in (0.1, 0.3)]
    words = texts(view.descent(*two, labels=["slow", "fast"]))
    assert {"slow", "fast", "f", "tangents"} <= set(words)


def test_steps_played(paths: list[Descent]) -> None:
    player = view.descent_steps(*paths, labels=["plain", "adaptive"])
    assert len(player) == 7
    value = paths[0].values[2]
    assert player.labels[2].startswith(f"Step 2: plain at f = {value:.4g}, adaptive at f = ")
    few = view.descent_steps(
        gn.descend(bowl, [1.0, 1.0], optim.SGD(lr=0.1), 40), most=2, surface=True
    )
    assert few.labels[-1].startswith("Step 40: ")
    assert len(few) == 2


def test_stochastic_gradient_descent_follows_estimates() -> None:
    x, y = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])

    def loss(w: gn.Tensor, rows: object = slice(None)) -> gn.Tensor:
        return ((w * gn.Tensor(x[rows]) - y[rows]) ** 2).mean()  # type: ignore[index]

    batches = [partial(loss, rows=[i]) for i in (0, 2)]
    path = gn.descend(loss, 0.0, optim.SGD(lr=0.05), 2, estimates=batches)
    # d/dw (w x − y)² = 2 (w x − y) x: −4 at the first point, then 2 (0.6 − 6) · 3 at the third.
    np.testing.assert_allclose(path.points, [0.0, 0.2, 0.2 + 0.05 * 32.4])
    np.testing.assert_allclose(path.values[0], (4 + 16 + 36) / 3)
    with pytest.raises(gn.ArgumentError, match="an estimate for each step"):
        gn.descend(loss, 0.0, optim.SGD(lr=0.05), 3, estimates=batches)


def test_what_is_refused(paths: list[Descent]) -> None:
    line = gn.descend(lambda x: x**2, 1.0, steps=1)
    with pytest.raises(gn.ArgumentError, match="no path"):
        view.descent()
    with pytest.raises(gn.ShapeError, match="one or two dimensions"):
        view.descent(paths[0], line)
    with pytest.raises(gn.ArgumentError, match="each path has a label"):
        view.descent(*paths, labels=["one"])
    with pytest.raises(gn.ShapeError, match="two numbers"):
        view.descent_steps(line)
    with pytest.raises(gn.ArgumentError, match="most=1"):
        view.descent_steps(*paths, most=1)
