"""The autoencoders: what they put out, that they learn on both engines, that they are saved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, models, optim

X = (gn.Generator(0).uniform((96, 6, 6)) > 0.5).astype(np.float32)
X[:, :3] = X[:, 3:]  # so that there is something to learn


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_an_autoencoder_learns_what_its_inputs_have_in_common(engine: str) -> None:
    model = models.autoencoder((6, 6), hidden=(32,), code=18)
    run = gn.fit(
        model,
        (X, None),
        loss=losses.binary_cross_entropy_with_logits,
        optimizer=optim.Adam(lr=0.01),
        epochs=30,
        batch_size=32,
        seed=0,
        engine=engine,
    )
    assert run.history["loss"][-1] < 0.3 < 0.6 < run.history["loss"][0]
    noise = (gn.Generator(1).uniform((96, 6, 6)) > 0.5).astype(np.float32)

    def error(x: np.ndarray) -> np.ndarray:
        outputs = model.predict(x)
        rows = losses.binary_cross_entropy_with_logits(gn.tensor(outputs), x, reduction="none")
        return rows.numpy().reshape(len(x), -1).sum(1)

    assert np.median(error(noise)) > np.median(error(X)) + 3.0


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_a_variational_autoencoder_learns(engine: str) -> None:
    model = models.vae((6, 6), hidden=(32,), code=4)
    run = gn.fit(
        model,
        (X, None),
        loss=losses.negative_elbo,
        optimizer=optim.Adam(lr=0.01),
        epochs=30,
        batch_size=32,
        seed=0,
        engine=engine,
    )
    assert run.history["loss"][-1] < run.history["loss"][0] - 1.5
    drawn = model.generate(5, seed=0)
    assert drawn.shape == (5, 6, 6)
    assert 0.0 <= drawn.min() < drawn.max() <= 1.0
    np.testing.assert_array_equal(drawn, model.generate(5, seed=0))


def test_the_code_is_drawn_in_training_and_the_mean_otherwise() -> None:
    model = models.vae((6, 6), hidden=(8,), code=2).initialise(0)
    key = gn.tensor(gn.Generator(3).key())
    outputs = [model(X, training=True, generator=key)[0].numpy() for _ in range(2)]
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert np.abs(outputs[0] - model(X)[0].numpy()).max() > 1e-3
    with pytest.raises(gn.ArgumentError, match="random numbers"):
        model(X, training=True)


def test_the_gradient_of_the_bound() -> None:
    model = models.vae((3,), hidden=(4,), code=2).initialise(0).astype(gn.float64)
    names, values = list(model.named_parameters()), [p.numpy() for p in model.parameters()]
    x, key = gn.Generator(2).uniform((2, 3), dtype=gn.float64), gn.tensor(gn.Generator(3).key())

    def bound(*parameters: gn.Tensor) -> gn.Tensor:
        for name, value in zip(names, parameters, strict=True):
            owner = model
            *path, field = name.split(".")
            for part in path:
                owner = owner.children()[part]
            vars(owner)[field] = value
        return losses.negative_elbo(model(x, training=True, generator=key), x, beta=0.5)

    gn.check_grads(bound, *values, order=2)


@pytest.mark.parametrize("make", [models.autoencoder, models.vae])
def test_a_saved_one_is_the_same(make, tmp_path: Path) -> None:
    model = make((6, 6), hidden=(8,), code=2).initialise(0)
    gn.save(model, tmp_path / "model.gn")
    again = gn.load(tmp_path / "model.gn")
    np.testing.assert_array_equal(
        again.decode(again.encode(X)[0] if make is models.vae else again.encode(X)).numpy(),
        model.decode(model.encode(X)[0] if make is models.vae else model.encode(X)).numpy(),
    )


def test_what_is_refused() -> None:
    with pytest.raises(gn.ArgumentError, match="widths"):
        models.autoencoder((6, 6), code=0)
    with pytest.raises(gn.ArgumentError, match="hidden"):
        models.vae((6, 6), hidden=())
    with pytest.raises(gn.ShapeError, match="variance"):
        losses.gaussian_kl(gn.tensor([[1.0, 0.0]]), gn.tensor([[1.0]]))
