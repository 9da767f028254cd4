"""The compiled loop of `fit` does what the eager one does, and says so when it cannot."""

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, losses, nn, optim
from glassnet.ops import OPERATIONS, Elementwise, sample


def network(drop=0.0):
    middle = [nn.Dropout(drop)] if drop else []
    return nn.Sequential(nn.Linear(2, 16), nn.Tanh(), *middle, nn.Linear(16, 2))


def trained(engine, *, drop=0.0, **settings):
    model = network(drop)
    run = gn.fit(
        model, data.moons(200, seed=0), epochs=6, batch_size=32, seed=3, engine=engine, **settings
    )
    return model, run


@pytest.mark.parametrize(
    "optimizer",
    [
        optim.SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3),
        optim.Adagrad(lr=0.05),
        optim.RMSprop(lr=0.01, momentum=0.5, centered=True),
        optim.Adam(lr=optim.Cosine(0.01, steps=42), clip_norm=0.5),
        optim.AdamW(lr=optim.WarmUp(0.01, steps=10), clip_value=0.01),
        optim.Lion(lr=1e-3),
    ],
    ids=lambda optimizer: type(optimizer).__name__,
)
def test_both_engines_learn_the_same(optimizer):
    # 200 rows in batches of 32: the last batch of each epoch is short.
    native, run = trained("native", optimizer=optimizer)
    eager, reference = trained("numpy", optimizer=optimizer)
    for ours, theirs in zip(native.parameters(), eager.parameters(), strict=True):
        np.testing.assert_allclose(ours.array, theirs.array, rtol=2e-4, atol=2e-5)
    for row, expected in zip(run.history, reference.history, strict=True):
        assert row["loss"] == pytest.approx(expected["loss"], rel=1e-4)


def test_dropout_draws_the_same_bits():
    native, _ = trained("native", drop=0.3)
    eager, _ = trained("numpy", drop=0.3)
    for ours, theirs in zip(native.parameters(), eager.parameters(), strict=True):
        np.testing.assert_allclose(ours.array, theirs.array, rtol=2e-4, atol=2e-5)


def test_the_same_seed_gives_the_same_bits():
    first, _ = trained("native", drop=0.3)
    second, _ = trained("native", drop=0.3)
    for ours, theirs in zip(first.parameters(), second.parameters(), strict=True):
        assert np.array_equal(ours.array, theirs.array)


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_a_nan_is_traced_to_its_node_and_step(engine):
    points = data.moons(200, seed=0)
    model = network()

    def late_nan(outputs, targets):
        # The logarithm of a margin that shrinks as the network learns.
        loss = losses.cross_entropy(outputs, targets)
        return loss + (loss - 0.45).log() * 0.0

    with pytest.raises(gn.NonFiniteError) as caught:
        gn.fit(model, points, late_nan, optim.Adam(lr=0.01), epochs=30, seed=0, engine=engine)
    message = str(caught.value)
    assert "log made nan" in message
    assert "training step" in message
    assert "(loss - 0.45).log()" in message
    assert all(np.isfinite(p.array).all() for p in model.parameters())


def test_both_engines_name_the_same_step():
    messages = []
    for engine in ("native", "numpy"):
        points = data.moons(200, seed=0)
        with pytest.raises(gn.NonFiniteError) as caught:
            gn.fit(
                network(), points, lambda y, t: (losses.cross_entropy(y, t) - 0.45).log(),
                optim.SGD(lr=0.05), epochs=30, seed=0, engine=engine,
            )  # fmt: skip
        messages.append(caught.value.where.partition(";")[0])
    assert messages[0] == messages[1]


def test_what_cannot_be_compiled_runs_on_numpy_and_says_so():
    class Swish(Elementwise):
        """a · σ(a), computed by NumPy itself

        d/da = σ(a)
        """

        name = "test_numpy_swish"
        symbol = "swish"

        def forward(self, xp, a):
            return a / (1.0 + np.exp(-np.asarray(a)))

        def backward(self, grad, out, a):
            return (grad * gn.ops.sigmoid(a),)

        def samples(self, rng):
            return [sample(rng.normal((3,)))]

    class Layer(nn.Module):
        def forward(self, x):
            return Swish()(x)

    model = nn.Sequential(nn.Linear(2, 8), Layer(), nn.Linear(8, 2))
    with pytest.warns(gn.GlassnetWarning, match="cannot be compiled and runs on numpy"):
        run = gn.fit(model, data.moons(100, seed=0), epochs=2, seed=0)
    assert len(run.history) == 2
    del OPERATIONS["test_numpy_swish"]


def test_an_unknown_engine_is_told():
    with pytest.raises(gn.ArgumentError, match='did you mean "native"'):
        trained("nativ")
