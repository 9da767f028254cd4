"""Several trainings, held against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ArgumentError
from ..train import History, Run
from ..train.history import HELD_OUT
from .curves import SMALL_IS_GOOD, TITLES, number_text, scale
from .picture import Picture
from .plot import COLOURS, DASHES, plotting

MOST = 8  # lines that can be told apart


def compare(
    runs: Mapping[str, Run | History] | Sequence[Run], name: str = "loss", *, by: str = "epoch"
) -> Picture:
    """One number of the history of several runs, on data held out where there is any.

    The best value of each run is marked, and stands in the legend.

    Args:
        runs: runs or histories by name; of a list of runs each has the name of its data and its
            number.
        name: a column of the histories, such as "loss" or "accuracy".
        by: "epoch", or "seconds" of training.

    Raises:
        ArgumentError: no run or too many of them, a column that a run lacks, an unknown `by`.

    >>> from glassnet import train, view
    >>> fast, slow = train.History(), train.History()
    >>> for epoch in (1, 2):
    ...     fast.append({"epoch": epoch, "loss": 1.0 / epoch, "seconds": 0.1})
    ...     slow.append({"epoch": epoch, "loss": 2.0 / epoch, "seconds": 0.2})
    >>> view.compare({"fast": fast, "slow": slow})
    <picture: Loss of 2 runs by epoch. Best: fast 0.5, slow 1.>
    """
    histories = named(runs)
    if by not in ("epoch", "seconds"):
        raise ArgumentError("runs are compared by epoch or by seconds", received=repr(by))
    small = name in SMALL_IS_GOOD
    told, drawn = [], []
    with plotting(6.2, 4.0) as plot:
        for place, (label, history) in enumerate(histories.items()):
            column = HELD_OUT + name if HELD_OUT + name in history.columns else name
            values, times = history.column(column), _times(history, by)
            best = (min if small else max)(range(len(values)), key=values.__getitem__)
            colour, words = COLOURS[place], number_text(name, values[best])
            plot.axes.plot(
                times, values, color=colour, linestyle=DASHES[place % len(DASHES)], linewidth=2,
                label=f"{label}: best {words}",
            )  # fmt: skip
            plot.axes.plot(times[best], values[best], "o", color=colour, markersize=6)
            told.append(f"{label} {words}")
            drawn += values
        scale(plot.axes, name, drawn)
        held = all(HELD_OUT + name in history.columns for history in histories.values())
        title = TITLES.get(name, name)
        plot.axes.set(
            xlabel="epoch" if by == "epoch" else "seconds of training",
            ylabel=f"{title}, held out" if held else title,
        )
        plot.legend()
        return plot.picture(
            f"{title[:1].upper()}{title[1:]} of {len(told)} runs by {by}. Best: {', '.join(told)}."
        )


def named(runs: Mapping[str, Run | History] | Sequence[Run]) -> dict[str, History]:
    """The histories by name."""
    given: dict[str, Any] = (
        dict(runs)
        if isinstance(runs, Mapping)
        else {f"{run.train.name or 'run'} {i}": run for i, run in enumerate(runs, 1)}
    )
    if not 1 <= len(given) <= MOST:
        raise ArgumentError(
            "some runs are compared", expected=f"1 to {MOST} of them", received=str(len(given))
        )
    found = {label: run.history if isinstance(run, Run) else run for label, run in given.items()}
    empty = [label for label, history in found.items() if not len(history)]
    if empty:
        raise ArgumentError(f'no epoch of "{empty[0]}" was completed')
    return found


def _times(history: History, by: str) -> list[float]:
    column = history.column(by)
    return column if by == "epoch" else [sum(column[: i + 1]) for i in range(len(column))]
