"""Statistics of a training: the numbers measured in the step, and the sentences made of them."""

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, nn, optim
from glassnet.train import Statistics
from glassnet.train.native import NativeRunner
from glassnet.train.statistics import BINS

POINTS = data.moons(100, seed=0)


def trained(engine="native", every=3, dataset=POINTS, layers=None, lr=0.01, epochs=5, **settings):
    model = nn.Sequential(*(layers or (nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 2))))
    return gn.fit(
        model, dataset, optimizer=optim.SGD(lr=lr), epochs=epochs, batch_size=32,
        engine=engine, statistics=True, watch_every=every, **settings,
    )  # fmt: skip


@pytest.fixture(scope="module")
def native():
    return trained()


def test_both_engines_measure_the_same(native):
    ours, theirs = native.statistics, trained("numpy").statistics
    assert ours.steps.tolist() == theirs.steps.tolist() == [1, 7, 10, 13, 19]  # 4, 16: 4 rows only
    assert ours.names("activation") == ("0", "1", "2")
    assert ours.matrices == ("0.weight", "2.weight")
    for kind in ("weight", "gradient", "update"):
        assert ours.names(kind) == ("0.weight", "0.bias", "2.weight", "2.bias")
        for name in ours.names(kind):
            for field in ("size", "low", "high", "mean", "rms", "zeros"):
                pair = (getattr(s[kind, name], field) for s in (ours, theirs))
                np.testing.assert_allclose(*pair, rtol=1e-3, atol=1e-6)
            assert np.abs(ours[kind, name].counts - theirs[kind, name].counts).sum() <= 4
    np.testing.assert_allclose(
        ours["activation", "1"].units, theirs["activation", "1"].units, rtol=1e-3, atol=1e-6
    )


def test_measuring_changes_nothing(native):
    plain = gn.fit(
        nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 2)), POINTS,
        optimizer=optim.SGD(lr=0.01), epochs=5, batch_size=32,
    )  # fmt: skip
    assert plain.statistics is None
    for ours, theirs in zip(native.model.parameters(), plain.model.parameters(), strict=True):
        np.testing.assert_array_equal(ours.array, theirs.array)
    np.testing.assert_array_equal(native.losses, plain.losses)


def test_an_update_is_what_the_step_added():
    run = trained(every=1, watch=["0.weight", "0.weight.grad"])
    first, gradient = (run.watched[name][0][1] for name in ("0.weight", "0.weight.grad"))
    second = run.watched["0.weight"][1][1]
    change = run.statistics["update", "0.weight"]
    assert change.norm[0] == pytest.approx(np.linalg.norm(second - first), rel=1e-4)
    assert change.norm[0] == pytest.approx(0.01 * np.linalg.norm(gradient), rel=1e-4)
    ratio = run.statistics.ratio("0.weight")[0]
    assert ratio == pytest.approx(change.norm[0] / np.linalg.norm(first), rel=1e-4)


def test_units_are_known_by_their_lowest_and_highest_output():
    run = trained(every=1, epochs=1, watch=["1"])
    output = run.watched["1"][0][1]
    ends = run.statistics["activation", "1"].units[0]
    np.testing.assert_array_equal(ends, [output.min(axis=0), output.max(axis=0)])


# -- what it costs ----------------------------------------------------------------------------
def runner_of(monkeypatch, **settings):
    made = []
    first = NativeRunner.__init__

    def noted(self, work):
        first(self, work)
        made.append(self)

    monkeypatch.setattr(NativeRunner, "__init__", noted)
    monkeypatch.setattr("glassnet.train.native.PATIENCE", 1e9)  # no look at the clock between
    gn.fit(
        nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 2)), POINTS,
        optimizer=optim.SGD(lr=0.01), epochs=5, batch_size=8, **settings,
    )  # fmt: skip
    return made[0]


def test_readings_cost_no_native_calls(monkeypatch):
    calls = []
    from glassnet.engines import native

    plain = native.run_chain

    def counted(parts, pieces):
        calls.append(pieces)
        return plain(parts, pieces)

    monkeypatch.setattr(native, "run_chain", counted)
    runner_of(monkeypatch, statistics=True, watch_every=2)
    # Thirteen steps an epoch: at first one is timed, then eight, then four epochs are a call.
    assert [sum(steps for _, steps in pieces) for pieces in calls] == [1, 8, 4, 4 * 13]
    assert [steps for _, steps in calls[-1]] == [1] * 4 * 13  # every other one is read


def test_steps_that_are_not_read_are_those_of_a_training_without(monkeypatch):
    alone = runner_of(monkeypatch)
    beside = runner_of(monkeypatch, statistics=True)
    tables = [POINTS.inputs.astype("f4"), POINTS.targets]
    programs = [runner.loop.program(tables, 8)[1] for runner in (alone, beside)]
    assert programs[0].ir() == programs[1].ir()
    _, watching = beside.watching.program(tables, 8)
    assert len(watching.passes.schedule.tasks) < 3 * len(programs[0].passes.schedule.tasks)


def test_every_loss_and_rate_is_kept(tmp_path):
    settings = {"epochs": 3, "batch_size": 32, "optimizer": optim.SGD(lr=optim.Cosine(0.1, 16))}
    model = nn.Sequential(nn.Linear(2, 2))
    run = gn.fit(model, POINTS, **settings)
    assert run.losses.shape == run.rates.shape == (12,)
    assert run.rates[0] == pytest.approx(0.1)
    assert (np.diff(run.rates) < 0).all()
    rows = np.array([32, 32, 32, 4])
    assert run.history[0]["loss"] == pytest.approx((run.losses[:4] * rows).sum() / 100)
    # A training that goes on from its checkpoint has them all.
    for epochs in (2, 3):
        again = gn.fit(
            nn.Sequential(nn.Linear(2, 2)), POINTS, checkpoint=tmp_path,
            **{**settings, "epochs": epochs},
        )  # fmt: skip
    np.testing.assert_array_equal(again.losses, run.losses)


def test_statistics_are_saved_and_read_again(native):
    found = native.statistics
    again = Statistics.read(found.arrays(), found.facts())
    assert again.steps.tolist() == found.steps.tolist()
    np.testing.assert_allclose(
        again["gradient", "0.weight"].norm, found["gradient", "0.weight"].norm, rtol=1e-6
    )
    np.testing.assert_array_equal(again["activation", "1"].units, found["activation", "1"].units)
    assert str(again) == str(found)


def test_a_layer_made_of_others_is_measured_by_its_parts():
    class Block(nn.Module):
        inner: nn.Sequential

        def __init__(self):
            self.inner = nn.Sequential(nn.Linear(2, 2), nn.ReLU())

        def forward(self, x):
            return x + self.inner(x)

    run = trained(layers=(Block(), nn.Flatten(), nn.Linear(2, 2)), epochs=1)
    assert run.statistics.names("activation") == ("0.inner.0", "0.inner.1", "2")


def test_unknown_names_are_told(native):
    with pytest.raises(gn.ArgumentError, match='did you mean "gradient"'):
        native.statistics.names("gradeint")
    with pytest.raises(gn.ArgumentError, match=r'did you mean "0\.weight"'):
        native.statistics["weight", "0.weigth"]
    assert repr(native.statistics).startswith("Statistics(5 readings of 4 parameters and 3 layers")
    assert "no reading" in repr(Statistics({}, {}))


# -- what is said of them ---------------------------------------------------------------------
def kinds(run):
    return [finding.kind for finding in run.statistics.findings]


def test_a_healthy_training_has_a_summary_alone(native):
    [summary] = native.statistics.findings
    assert summary.kind == "summary"
    assert summary.text.startswith("At 5 readings from step 1 to 19: the root mean square")
    assert "No unit is dead." in summary.text


def test_dead_units_are_counted():
    first = nn.Linear(2, 8, seed=0)
    bias = np.zeros(8, "f4")
    bias[[2, 5]] = -100.0
    first.load_parameters({"weight": first.weight.numpy(), "bias": bias})
    run = trained(layers=(first, nn.ReLU(), nn.Linear(8, 2)))
    dead = next(f for f in run.statistics.findings if f.kind == "dead")
    assert dead.names == ("1",)
    assert dead.text.startswith("2 of 8 units of layer 1 (ReLU) are dead (units 2, 5): from step 1")


def test_saturated_units_are_told():
    first = nn.Linear(2, 8, seed=0)
    big = 100.0 * first.weight.numpy()
    first.load_parameters({"weight": big, "bias": np.zeros(8, "f4")})
    run = trained(layers=(first, nn.Tanh(), nn.Linear(8, 2)))
    saturated = next(f for f in run.statistics.findings if f.kind == "saturated")
    assert "outputs of layer 1 (Tanh) lie within 0.1 of -1 or 1" in saturated.text


def test_vanishing_gradients_are_told():
    layers = [layer for _ in range(9) for layer in (nn.Linear(4, 4), nn.Sigmoid())]
    deep = (nn.Linear(2, 4), nn.Sigmoid(), *layers, nn.Linear(4, 2))
    found = next(f for f in trained("numpy", 5, layers=deep).statistics.findings
                 if f.kind == "vanishing")  # fmt: skip
    assert found.names == ("0.weight", "20.weight")
    assert "times as large" in found.text


class Sine(nn.Module):
    """Bounded like tanh, but never flat for long: signals stay small while gradients grow."""

    def forward(self, x):
        return gn.ops.sin(x)


def test_exploding_gradients_and_small_steps_are_told():
    layers = [layer for i in range(9) for layer in (nn.Linear(4, 4, seed=i), Sine())]
    for layer in layers[::2]:
        layer.load_parameters({"weight": 12 * layer.weight.numpy()}, strict=False)
    deep = (nn.Linear(2, 4), *layers, nn.Linear(4, 2))
    run = trained("numpy", 1, layers=deep, lr=1e-12, epochs=2)
    found = next(f for f in run.statistics.findings if f.kind == "exploding")
    assert found.names == ("0.weight", "19.weight")
    assert "small steps" in kinds(run)


def test_a_burst_and_large_steps_are_told():
    found = Statistics({"": "Linear"}, {"weight": (2, 3)})
    for step in range(1, 7):
        rms = 500.0 if step == 4 else 1.0
        numbers = [[6.0, -1.0, 1.0, 0.0, size, 0.0, *[0.0] * (BINS - 1), 6.0]
                   for size in (1.0, rms, 0.2)]  # fmt: skip
        keys = [(kind, "weight", 0) for kind in ("weight", "gradient", "update")]
        found.keep(step, keys, np.concatenate(numbers))
    burst, large, summary = found.findings
    assert burst.text.startswith(
        "At step 4 the gradient exploded: its norm was 1.22e+03, 500 times"
    )
    assert large.text.startswith("A step changes weight by 20 % of itself")
    assert summary.kind == "summary"


def test_a_weight_that_no_gradient_reaches_is_told():
    dead = nn.Linear(2, 3, seed=0)
    dead.load_parameters({"weight": dead.weight.numpy(), "bias": [-100.0] * 3})
    run = trained(layers=(dead, nn.ReLU(), nn.Linear(3, 2)))
    found = [f for f in run.statistics.findings if f.kind == "unreached"]
    assert {f.names[0] for f in found} >= {"0.weight", "0.bias"}
    assert "All 3 units of layer 1 (ReLU) are dead: from step 1" in str(run.statistics)


def test_nothing_read_says_nothing():
    assert Statistics({}, {}).findings == []
