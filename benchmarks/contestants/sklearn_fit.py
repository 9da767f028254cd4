"""scikit-learn's MLPClassifier, trained by its own `fit`."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from .blas import BlasContestant

Array = np.ndarray[Any, Any]


class SklearnFit(BlasContestant):
    flags = "fit, alpha=0, no early end"
    note = "draws its own weights and batches; two classes have one logistic output"

    def restart(self) -> None:
        """A new model is made by each run."""

    def prepare(self, steps: int) -> None:
        self.epochs = steps // (len(self.material.inputs) // self.row.batch)

    def run(self) -> Any:
        assert self.row.optimizer == "adam"
        self.model = MLPClassifier(
            self.row.widths[1:-1],
            activation=self.row.activation,
            alpha=0.0,
            batch_size=self.row.batch,
            learning_rate_init=self.row.lr,
            max_iter=self.epochs,
            n_iter_no_change=self.epochs,
            random_state=0,
        )
        self.model.fit(self.material.inputs, self.material.labels)
        return self.model.loss_curve_

    def weights(self) -> list[tuple[Array, Array]]:
        coefs, intercepts = self.model.coefs_, self.model.intercepts_
        return [(w.T.copy(), b.copy()) for w, b in zip(coefs, intercepts, strict=True)]
