"""glassnet trained by its own `fit`."""

from __future__ import annotations

from typing import Any

from glassnet import losses, optim, train

from .glassnet_eager import GlassnetEager


class Fit(GlassnetEager):
    engine = ""
    note = "draws its own batches, the short last one of an epoch among them"

    def prepare(self, steps: int) -> None:
        self.epochs = steps // (len(self.inputs) // self.row.batch)

    def run(self) -> Any:
        kind = optim.SGD if self.row.optimizer == "sgd" else optim.Adam
        fitted = train.fit(
            self.model,
            (self.inputs, self.labels),
            losses.cross_entropy,
            kind(lr=self.row.lr),
            epochs=self.epochs,
            batch_size=self.row.batch,
            progress=False,
            engine=self.engine,
        )
        return [row["loss"] for row in fitted.history]


class FitNumpy(Fit):
    engine = "numpy"


class FitNative(Fit):
    engine = "native"
