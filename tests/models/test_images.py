"""Networks for images: their sizes, that they learn compiled as eager, and that they are saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, models, nn, optim

MAKERS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], int]] = {
    "lenet": (models.lenet, (28, 28, 1), 61_706),
    "cnn": (models.cnn, (28, 28, 1), 1_199_882),
    "resnet": (lambda: models.resnet(8), (32, 32, 3), 78_042),
}


@pytest.mark.parametrize("name", MAKERS)
def test_as_many_numbers_to_learn_as_published(name: str) -> None:
    make, _, count = MAKERS[name]
    assert sum(p.size for p in make().parameters() if p.requires_grad) == count


def batch(shape: tuple[int, ...]) -> tuple[gn.Tensor, gn.Tensor]:
    rng = gn.Generator(1)
    return gn.tensor(rng.normal((4, *shape))), gn.tensor(rng.integers(0, 10, (4,)))


@pytest.mark.parametrize("name", MAKERS)
def test_compiled_steps_are_the_eager_ones(name: str) -> None:
    make, shape, _ = MAKERS[name]
    x, y = batch(shape)
    trained = []
    for engine in ("numpy", "native"):
        model = make().initialise(0)
        optimizer = optim.SGD(model, lr=0.01, momentum=0.9)

        def step(x: gn.Tensor, y: gn.Tensor) -> gn.Tensor:
            optimizer.zero_grad()  # noqa: B023 (called within the round)
            loss = losses.cross_entropy(model(x, training=True), y)  # noqa: B023
            loss.backward()
            optimizer.step()  # noqa: B023
            return loss

        run = gn.compile(step) if engine == "native" else step
        values = [run(x, y).item() for _ in range(3)]
        trained.append((values, {k: p.numpy() for k, p in model.named_parameters().items()}))
    (eager, before), (compiled, after) = trained
    np.testing.assert_allclose(compiled, eager, rtol=2e-4)
    for key, value in before.items():
        scale = float(np.abs(value).max())
        np.testing.assert_allclose(after[key], value, rtol=1e-3, atol=1e-3 * scale, err_msg=key)


def test_a_residual_network_is_saved_with_its_running_statistics(tmp_path: Path) -> None:
    model = models.resnet(8, width=4).initialise(0)
    x, _ = batch((8, 8, 3))
    model(x, training=True)
    gn.save(model, tmp_path / "resnet.gn")
    again = gn.load(tmp_path / "resnet.gn")
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    assert model[1].running_mean.numpy().any()


def test_depths_that_do_not_exist() -> None:
    with pytest.raises(gn.ArgumentError, match="6n"):
        models.resnet(10)
