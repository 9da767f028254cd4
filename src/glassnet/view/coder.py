"""An autoencoder as pictures use it: images to codes, and codes to images."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data import Dataset
from ..errors import ArgumentError, DataError, ShapeError
from ..graph import no_grad
from ..models import VAE
from ..nn import Module, prediction
from ..tensor import Tensor
from ..train import Predictor
from ..train.reading import READINGS
from .subject import Network, predictor_of

Array = np.ndarray[Any, Any]
ROWS = 1024  # encoded at once


@dataclass(frozen=True, slots=True)
class Coder:
    """A variational or plain autoencoder of images.

    Attributes:
        predictor: the network, with what its outputs mean.
        model: the same as a module with `encode` and `decode`.
        shape: of an image: height, width, channels.
    """

    predictor: Predictor
    model: Any
    shape: tuple[int, int, int]

    @staticmethod
    def of(network: Network) -> Coder:
        """The autoencoder in a run, a predictor or a module.

        Raises:
            ArgumentError: no autoencoder.
            DataError: not one of images.
        """
        predictor = predictor_of(network, ())
        model = predictor.model
        if not all(callable(getattr(model, name, None)) for name in ("encode", "decode")):
            raise ArgumentError(
                "this is no autoencoder",
                expected="models.vae, models.autoencoder, or a module with encode and decode",
                received=type(model).__name__,
            )
        if isinstance(network, Module):
            name = "reconstruction-logits" if isinstance(model, VAE) else "reconstruction"
            row = tuple(getattr(model, "shape", ()))
            predictor = Predictor(model, READINGS[name], (), (), None, None, row)
        row = predictor.image_shape or predictor.input_shape
        if len(row) not in (2, 3):
            raise DataError(
                "the autoencoder was not trained on images",
                expected="rows that are images (height, width, channels)",
                received=f"rows of shape {row}",
            )
        return Coder(predictor, model, (row[0], row[1], row[2] if len(row) == 3 else 1))

    def rows(self, images: Dataset | Any) -> Array:
        """One image or several as rows of the shape that the network takes.

        Raises:
            ShapeError: they are no such images.
        """
        raw = np.asarray(images.inputs if isinstance(images, Dataset) else images)
        size = math.prod(self.shape)
        row = self.predictor.input_shape
        if raw.size == size and raw.shape[0] != 1:
            raw = raw[None]
        if not raw.size or raw[0].size != size:
            raise ShapeError(
                "these are no images for the autoencoder",
                expected=f"{self.shape}, or several of them",
                received=f"{raw.shape}",
            )
        return raw.reshape(len(raw), *row)

    def encode(self, rows: Array) -> Array:
        """The codes (N, numbers) of rows; of a variational autoencoder their means μ."""
        inputs = self.predictor.prepared(rows)
        with no_grad():
            codes = [
                prediction(self.model.encode(Tensor(inputs[i : i + ROWS]))).numpy()
                for i in range(0, len(inputs), ROWS)
            ]
        return np.concatenate(codes)

    def decode(self, codes: Array) -> Array:
        """The images (N, height, width, channels) that codes stand for."""
        with no_grad():
            out = self.model.decode(Tensor(codes.astype(self.model.dtype)))
            pixels = self.predictor.reading.decide(out).numpy()
        return pixels.reshape(len(codes), *self.shape)

    def prepared(self, rows: Array) -> Array:
        """Rows as images in the units that the network puts out."""
        return self.predictor.prepared(rows).reshape(len(rows), *self.shape)
