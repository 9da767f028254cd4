"""Losses and their derivatives, as functions of one number that is predicted."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import losses as library
from .. import ops
from ..errors import ArgumentError
from ..tensor import Tensor
from ..train.reading import plain_loss
from .functions import Curve, called, drawn
from .picture import Picture

Loss = Callable[..., Tensor]

_SPELLED = {"elbo": "ELBO", "gaussian": "Gaussian", "huber": "Huber", "kl": "KL"}


@dataclass(frozen=True, slots=True)
class Slice:
    """A loss along one number of its input.

    Attributes:
        across: what the number is, and what else is fixed.
        low: where the drawing begins.
        high: where it ends.
        along: the loss and the number ↦ its value there.
    """

    across: str
    low: float
    high: float
    along: Callable[[Loss, Tensor], Tensor]


def losses(*which: str | Loss) -> Picture:
    """Losses of one row as functions of the number that is predicted, each with its derivative.

    One is drawn large, under its formula; several stand side by side. The slope is what
    backpropagation starts from. Where it jumps, a dot marks what it is taken to be there.

    Args:
        which: names, functions such as `losses.huber`, with settings fixed by `functools.partial`,
            or functions of your own of (prediction, target), which are drawn for the target 0; all
            losses of the library when left out.

    Raises:
        ArgumentError: there is no loss of that name.
        ShapeError: a loss that does not return one number.

    >>> from glassnet import view
    >>> view.losses("mean_absolute_error").alt[:60]
    'mean absolute error from −3 to 3: values 0 to 3, slopes −1 t'
    """
    return drawn([_curve(one) for one in which or _SLICES], "losses")


def _curve(which: str | Loss) -> Curve:
    loss = library.get(which) if isinstance(which, str) else which
    if not callable(loss):
        raise ArgumentError(
            "this is no loss", expected='a name such as "huber", or a function of (prediction, '
            "target)", received=repr(loss),
        )  # fmt: skip
    plain = plain_loss(loss)
    cut = _SLICES.get(plain, _OWN)
    formula = _formula(plain) if loss is plain else ""
    along = functools.partial(cut.along, loss)
    name = re.sub("[a-z]+", lambda word: _SPELLED.get(word[0], word[0]), called(loss))
    return Curve(name.replace("_", " "), along, cut.low, cut.high, cut.across, formula)


def _formula(loss: Loss) -> str:
    """The first line of a loss's own words, without how rows are added up."""
    first = (loss.__doc__ or "").strip().split("\n")[0]
    return first.split(", in the ")[0].split(":")[0].removesuffix(".")


def _number(loss: Loss, p: Tensor) -> Tensor:
    return loss(p, np.zeros(p.shape), reduction="none")


def _positive(loss: Loss, a: Tensor) -> Tensor:
    return loss(a, np.ones(a.shape), reduction="none")


def _logits(loss: Loss, a: Tensor) -> Tensor:
    scores = ops.stack([a, a * 0.0], axis=-1)
    return loss(scores, np.zeros(a.shape, np.int64), reduction="none")


def _likelihood(loss: Loss, p: Tensor) -> Tensor:
    return loss(ops.expand_dims(ops.log(p), -1), np.zeros(p.shape, np.int64), reduction="none")


def _divergence(loss: Loss, p: Tensor) -> Tensor:
    both = ops.stack([ops.log(p), ops.log(1.0 - p)], axis=-1)
    return loss(both, np.full((*p.shape, 2), 0.5), reduction="none")


def _variance(loss: Loss, s: Tensor) -> Tensor:
    spread = ops.expand_dims(s, -1)
    return loss(spread * 0.0, spread, reduction="none")


def _elbo(loss: Loss, a: Tensor) -> Tensor:
    logit = a.reshape(-1, 1)
    return loss((logit, logit * 0.0 + 1.0, logit * 0.0), np.ones(logit.shape))


def _own(loss: Loss, p: Tensor) -> Tensor:
    row = p.reshape(-1, 1)
    return loss(row, np.zeros(row.shape))


_OWN = Slice("prediction p, target 0", -3.0, 3.0, _own)
_SLICES: dict[Loss, Slice] = {
    library.mean_absolute_error: Slice("prediction p, target 0", -3.0, 3.0, _number),
    library.mean_squared_error: Slice("prediction p, target 0", -3.0, 3.0, _number),
    library.huber: Slice("prediction p, target 0", -3.0, 3.0, _number),
    library.binary_cross_entropy_with_logits: Slice("logit a, target 1", -5.0, 5.0, _positive),
    library.cross_entropy: Slice("true class's logit, other 0", -5.0, 5.0, _logits),
    library.negative_log_likelihood: Slice("true class's probability", 0.1, 1.0, _likelihood),
    library.hinge: Slice("score s, target +1", -2.0, 3.0, _positive),
    library.kl_divergence: Slice("probability p, target ½", 0.1, 0.9, _divergence),
    library.gaussian_kl: Slice("ln σ², with μ = 0", -3.0, 2.5, _variance),
    library.negative_elbo: Slice("logit of one pixel x = 1; μ = σ = 1", -5.0, 5.0, _elbo),
}
