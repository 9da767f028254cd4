"""The drawing of a network while it learns, played."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..data.dataset import as_dataset
from ..errors import ArgumentError
from ..train import Run
from .animation import Animation
from .hidden_units import plane_of
from .network import MOST, Frame, chain, draw, told

Array = np.ndarray[Any, Any]

FRAMES = 12


def network_steps(
    run: Run, dataset: Any = None, *, units: int = MOST, most: int = FRAMES
) -> Animation:
    """A network of two features as `network` draws it, at steps of its training; many at first.

    Lines and colours have one scale throughout, so that what grows is seen to grow.

    Args:
        run: of a training with `watch=model.named_parameters()`.
        dataset: points to show; those held out when left out, or else those learned from.
        units: shown of a layer, the ones that vary most in the end.
        most: frames; the last one is the trained network.

    Raises:
        ArgumentError: the parameters were not read; the network is no chain of linear layers and
            activations.
        DataError: there are not two features.

    >>> import glassnet as gn
    >>> from glassnet import data, nn, view
    >>> model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2))
    >>> names = list(model.named_parameters())
    >>> run = gn.fit(model, data.moons(60), epochs=4, watch=names, watch_every=2, seed=0)
    >>> view.network_steps(run, most=2).labels[0]
    'Before step 1: loss 0.686.'
    """
    data = run.held_out if dataset is None else as_dataset(dataset)
    extent, plane = plane_of(data)
    model = run.predictor.model
    end = {name: p.numpy().copy() for name, p in model.named_parameters().items()}
    read = _read(run, list(end), most)
    labels = [f"Before step {step}: loss {run.losses[step - 1]:.3g}." for step in read]
    states = [*read.values(), end]
    try:
        several = []
        for state in states:
            model.load_parameters(state)
            several.append(chain(run.predictor, plane))
        frame, frames = Frame.around(several, units), []
        for state, columns, label in zip(states, several, [*labels, "Trained."], strict=True):
            model.load_parameters(state)  # for the regions, which the network is asked about
            frames.append(draw(run, data, columns, extent, frame, label))
    finally:
        model.load_parameters(end)
    alt = f"{told(several[-1])} Played in {len(frames)} pictures of its training."
    return Animation(frames, alt, labels=[each.alt for each in frames], seconds=0.5)


def _read(run: Run, names: list[str], most: int) -> dict[int, dict[str, Array]]:
    """Some of the steps at which all parameters were read, and the parameters before them."""
    if most < 2:
        raise ArgumentError("several steps are played", expected="most ≥ 2", received=f"{most=}")
    by_step: dict[int, dict[str, Array]] = {}
    for name in names:
        for step, array in run.watched.get(name, ()):
            by_step.setdefault(step, {})[name] = array
    steps = sorted(step for step, found in by_step.items() if len(found) == len(names))
    if not steps:
        raise ArgumentError(
            "the parameters were not read while the network learned",
            mend="train with gn.fit(…, watch=model.named_parameters(), watch_every=1)",
        )
    places = (len(steps) - 1) * np.linspace(0.0, 1.0, most - 1) ** 1.5
    return {steps[i]: by_step[steps[i]] for i in np.unique(np.round(places).astype(int))}
