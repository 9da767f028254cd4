"""The perceptron's line between two classes: its normal, its mistakes, and how it moves."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..nn import Perceptron
from ..nn.perceptron import Update
from .animation import Animation
from .boundary import extent_of
from .numbers import number
from .picture import Picture
from .plot import COLOURS, GROUND, INK, MARKERS, plotting

Array = np.ndarray[Any, Any]

MOST = 60  # updates that are played
ARROW = 0.2  # length of the normal, of the picture's extent
TINT = 0.1


def perceptron(model: Perceptron, x: Any, y: Any) -> Picture:
    """The points, the line wᵀx + b = 0 with its normal w, and the points on the wrong side.

    The normal points to the side that is called +1; its length says nothing, for w and b may be
    multiplied by any positive number.

    Args:
        model: of two features, once it has learned.
        x: (N, 2) points.
        y: (N,) labels.

    Raises:
        ShapeError: the perceptron has another number of features, or points and labels do not fit.

    >>> from glassnet import nn, view
    >>> x, y = [[-1.0, 0.0], [1.0, 0.0], [2.0, 1.0]], [0, 1, 1]
    >>> view.perceptron(nn.Perceptron(2).fit(x, y), x, y).alt.split(": ")[0]
    'A perceptron, all 3 points on their side of its line'
    """
    board = _Board(model, x, y)
    return board.drawn(model.weight.numpy(), float(model.bias.item()))


def perceptron_updates(
    x: Any, y: Any, *, epochs: int = 20, seed: int = 0, most: int = MOST
) -> Animation:
    """The perceptron rule played update by update: which point moves the line, and where to.

    Args:
        x: (N, 2) points.
        y: (N,) labels, of two classes.
        epochs: how often the points are passed through at most.
        seed: of their order.
        most: updates played; of more, the first ones, and then the last.

    Raises:
        ShapeError: points of another number of features.
        DataError: not two classes.

    >>> from glassnet import view
    >>> player = view.perceptron_updates([[-1.0, 0.5], [1.0, 0.0]], [0, 1])
    >>> player.labels[-1].split(":")[0]
    'Done'
    """
    if most < 2:
        raise ArgumentError("several updates are played", expected="most ≥ 2", received=f"{most=}")
    model = Perceptron(2)
    board = _Board(model, x, y)
    updates = list(model.updates(x, y, epochs=epochs, seed=seed))
    board.name(model)
    frames = [board.drawn(np.zeros(2), 0.0, None, "Before: w = 0, b = 0, and no line.")]
    last = len(updates) - 1
    for place, update in enumerate(updates):
        if place < most - 1 or place == last:
            words = f"Update {place + 1} of {last + 1}, {board.told(update)}"
            frames.append(board.drawn(update.weight, update.bias, update, words))
    end = board.drawn(updates[-1].weight, updates[-1].bias)
    frames.append(board.drawn(updates[-1].weight, updates[-1].bias, None, f"Done: {end.alt}"))
    alt = f"The perceptron rule in {len(updates)} updates. {end.alt}"
    return Animation(frames, alt, labels=[frame.alt for frame in frames], seconds=0.9)


class _Board:
    """The points, with a line drawn between them."""

    def __init__(self, model: Perceptron, x: Any, y: Any) -> None:
        self.points, self.labels = np.asarray(x, np.float64), np.asarray(y)
        fits = self.points.shape == (len(self.labels), 2) and self.labels.ndim == 1
        if model.in_features != 2 or not fits:
            raise ShapeError(
                "a perceptron's line is drawn for points with two features",
                expected="Perceptron(2), x (N, 2) and y (N,)",
                received=f"Perceptron({model.in_features}), x {self.points.shape} and y "
                f"{self.labels.shape}",
            )
        self.extent = extent_of(self.points)
        self.name(model)

    def name(self, model: Perceptron) -> None:
        """Takes the names of the classes from a perceptron that knows them."""
        self.classes = model.classes
        self.sides = np.where(self.labels == model.classes[1], 1.0, -1.0)

    def told(self, update: Update) -> str:
        """An update in words."""
        at, side = self.points[update.row], self.sides[update.row]
        point = ", ".join(number(float(c), 3) for c in at)
        return (
            f"epoch {update.epoch}: "
            f"({point}) is {'+1' if side > 0 else '−1'} and was on the wrong side, so "
            f"w {'+' if side > 0 else '−'} x. {_formula(update.weight, update.bias)}."
        )

    def drawn(
        self, weight: Array, bias: float, update: Update | None = None, words: str = ""
    ) -> Picture:
        """The points with a line; an update shows which one moved it."""
        score = self.points @ weight + bias
        wrong = self.sides * score <= 0.0
        learned = bool(weight.any())
        count, places = int(wrong.sum()), f"its line: {_formula(weight, bias)}."
        alt = (
            f"A perceptron, all {len(wrong)} points on their side of {places}"
            if not count
            else f"A perceptron, {count} of {len(wrong)} points on the wrong side of {places}"
        )
        with plotting(5.4, self._height(), grid=False) as plot:
            axes = plot.axes
            if learned:
                self._line(axes, weight, bias)
            for index, (side, name) in enumerate(zip((-1.0, 1.0), self.classes, strict=True)):
                axes.scatter(
                    *self.points[self.sides == side].T, s=30, color=COLOURS[index], linewidths=0,
                    marker=MARKERS[index], label=f"{name} ({'+1' if side > 0 else '−1'})", zorder=3,
                )  # fmt: skip
            axes.scatter(
                *(self.points[wrong].T if learned else np.empty((2, 0))), s=110, facecolors="none",
                edgecolors=INK, linewidths=1.5, label="on the wrong side", zorder=4,
            )  # fmt: skip
            if update is not None:
                axes.scatter(
                    *self.points[update.row], s=320, facecolors="none", edgecolors=COLOURS[2],
                    linewidths=2.4, zorder=5,
                )  # fmt: skip
            axes.scatter(
                [], [], s=160, facecolors="none", edgecolors=COLOURS[2], linewidths=2.4,
                label="moves the line" if words else None,
            )  # fmt: skip
            axes.set(xlim=self.extent[:2], ylim=self.extent[2:], xlabel="x₁", ylabel="x₂")
            axes.set_aspect("equal")
            plot.legend_below(3)
            return plot.picture(words or alt)

    def _height(self) -> float:
        """Of a picture in which both axes have one scale."""
        left, right, bottom, top = self.extent
        return 1.2 + 4.8 * min(1.2, max(0.4, (top - bottom) / (right - left)))

    def _line(self, axes: Any, weight: Array, bias: float) -> None:
        """The two sides, the line between them, and the normal at the foot of the middle."""
        left, right, bottom, top = self.extent
        x, y = np.linspace(left, right, 3), np.linspace(bottom, top, 3)
        plane = weight[0] * x[None, :] + weight[1] * y[:, None] + bias
        reach = float(np.abs(plane).max()) + 1.0
        axes.contourf(x, y, plane, [-reach, 0.0, reach], colors=list(COLOURS[:2]), alpha=TINT)
        middle = np.array([0.5 * (left + right), 0.5 * (bottom + top)])
        square = float(weight @ weight)
        foot = middle - (weight @ middle + bias) / square * weight
        axes.axline(
            tuple(foot), tuple(foot + [-weight[1], weight[0]] / np.sqrt(square)), color=INK,
            linewidth=1.8, label="wᵀx + b = 0",
        )  # fmt: skip
        length = ARROW * min(right - left, top - bottom)
        tip = foot + length * weight / np.sqrt(square)
        axes.annotate(
            "", tuple(tip), tuple(foot), zorder=6,
            arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.8, "shrinkA": 0.0},
        )  # fmt: skip
        beyond = tuple(11.0 * weight / np.sqrt(square))
        axes.annotate(
            "w", tuple(tip), xytext=beyond, textcoords="offset points", color=INK, fontsize=11,
            ha="center", va="center", zorder=6, annotation_clip=True,
            bbox={"facecolor": GROUND, "alpha": 0.7, "linewidth": 0, "pad": 1.0},
        )  # fmt: skip


def _formula(weight: Array, bias: float) -> str:
    first, second = (number(float(w), 3) for w in weight)
    return f"w = ({first}, {second}), b = {number(bias, 3)}"
