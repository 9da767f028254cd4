"""scikit-learn's MLPClassifier, one partial_fit a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from ..material import Material
from .blas import BlasContestant

Array = np.ndarray[Any, Any]


class SklearnMLP(BlasContestant):
    """Two classes have one logistic output there; its weights start as the difference of two."""

    flags = "partial_fit a batch, alpha=0"

    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        self.binary = self.row.widths[-1] == 2
        sgd = {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False}
        self.model = MLPClassifier(
            self.row.widths[1:-1],
            activation=self.row.activation,
            alpha=0.0,
            batch_size=self.row.batch,
            learning_rate_init=self.row.lr,
            shuffle=False,
            **(sgd if self.row.optimizer == "sgd" else {"solver": "adam"}),
        )
        first = self.material.order(1)[0]
        classes = np.arange(self.row.widths[-1])
        self.model.partial_fit(material.inputs[first], material.labels[first], classes=classes)
        self.restart()

    @property
    def note(self) -> str:  # type: ignore[override]
        if self.binary:
            return "validates each batch; one logistic output for two classes: other gradients"
        return "validates each batch; Adam's ε stands before the bias correction"

    def restart(self) -> None:
        pairs = self.material.pairs()
        if self.binary:
            w, b = pairs[-1]
            pairs[-1] = (w[1:] - w[:1], b[1:] - b[:1])
        for layer, (w, b) in enumerate(pairs):
            self.model.coefs_[layer][...] = w.T
            self.model.intercepts_[layer][...] = b
        del self.model._optimizer  # partial_fit makes a new one, with empty moments

    def prepare(self, steps: int) -> None:
        self.order = self.material.order(steps)

    def run(self) -> Any:
        inputs, labels, losses = self.material.inputs, self.material.labels, []
        for index in self.order:
            self.model.partial_fit(inputs[index], labels[index])
            losses.append(self.model.loss_)
        return losses

    def weights(self) -> list[tuple[Array, Array]]:
        coefs, intercepts = self.model.coefs_, self.model.intercepts_
        return [(w.T.copy(), b.copy()) for w, b in zip(coefs, intercepts, strict=True)]
