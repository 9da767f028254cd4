"""What the passes make of a training step: fused loops, shared memory, parts and barriers."""

import itertools

import numpy as np
import pytest

from glassnet.engines.native import compile_program
from glassnet.engines.native.reach import reach

from .helpers import F32, record
from .networks import training_step


@pytest.fixture(scope="module")
def native():
    program, updates = training_step(784, 512, 10, 128)
    return compile_program(program, updates=updates, threads=2)


def kinds(native):
    return [kernel.kind for kernel in native.passes.fused.kernels]


def test_a_step_of_two_layers_is_nine_loops(native):
    assert kinds(native).count("contract") == 5
    assert kinds(native).count("columns") == 2  # the biases' gradients, with their updates
    assert kinds(native).count("rows") == 2  # softmax and cross-entropy, forward and backward; mean
    assert len(kinds(native)) == 9


def test_updates_ride_on_the_gradient_of_their_parameter(native):
    riders = [k for k in native.passes.fused.kernels if len(k.stores) == 3]
    assert [k.kind for k in riders].count("contract") == 2
    assert [k.kind for k in riders].count("columns") == 2


def test_gradients_of_parameters_are_never_stored(native):
    large = [v for v in native.passes.plan.offsets if v.size == 512 * 784]
    assert large == []


def test_a_parameter_changes_after_its_last_reader(native):
    for position, kernel in enumerate(native.passes.fused.kernels):
        for store in kernel.stores:
            old = native.passes.plan.in_place.get(store)
            for later in native.passes.fused.kernels[position + 1 :]:
                assert old not in native.passes.fused.reads(later)


def test_variables_that_live_together_lie_apart(native):
    born, died = {}, {}
    for i, kernel in enumerate(native.passes.fused.kernels):
        for v in [*kernel.writes, *native.passes.fused.reads(kernel)]:
            born.setdefault(v, i)
            died[v] = i
    for a, b in itertools.combinations(native.passes.plan.offsets, 2):
        if born[a] <= died[b] and born[b] <= died[a]:
            assert not native.passes.plan.overlaps(a, b)
    assert all(offset % 64 == 0 for offset in native.passes.plan.offsets.values())


def test_memory_is_used_again():
    a = np.zeros((64, 64), F32)

    def chain(xp, x):
        for _ in range(6):
            x = xp.tanh(xp.contract(x, x, spec="ij,jk->ik"))
        return x

    plan = compile_program(record(chain, a)).passes.plan
    assert plan.arena_bytes <= plan.apart_bytes // 2


def test_large_arrays_that_share_memory_have_their_middle_in_common():
    """So that two threads cut both at one place."""

    def layers(xp, x, w, v):
        for _ in range(3):
            x = xp.tanh(xp.contract(x, w, spec="ij,jk->ik"))
            x = xp.tanh(xp.contract(x, v, spec="ij,jk->ik"))
        return x

    shapes = (1024, 64), (64, 256), (256, 64)
    program = record(layers, *(np.ones(shape, F32) for shape in shapes))
    plan = compile_program(program, threads=2).passes.plan
    shared = [p for p in itertools.combinations(plan.offsets, 2) if plan.overlaps(*p)]
    assert {v.shape for pair in shared for v in pair} == {(1024, 64), (1024, 256)}
    for pair in shared:
        a, b = (plan.offsets[v] + v.size * v.dtype.itemsize / 2 for v in pair)
        assert a == b


def test_parts_cover_every_unit_once(native):
    for task in native.passes.schedule.tasks:
        covered = [u for begin, end in task.parts for u in range(begin, end)]
        assert covered == list(range(task.extent))
        cuts = [end for _, end in task.parts if end not in (0, task.extent)]
        assert all(cut % task.grain == 0 for cut in cuts)


def test_threads_meet_before_they_read_what_another_wrote(native):
    tasks = native.passes.schedule.tasks
    for i, task in enumerate(tasks):
        start = max((j for j in range(i + 1) if tasks[j].barrier), default=0)
        for before in tasks[start:i]:
            if not (before.alone and task.alone):
                both = set(before.kernel.writes) & native.passes.fused.reads(task.kernel)
                assert all(v.shape[-2:] == (128, 10) for v in both)  # rows, each on one thread
                written = reach(before, native.passes.fused).writes
                read = reach(task, native.passes.fused).reads
                for v, (one, other) in itertools.product(both, [(0, 1), (1, 0)]):
                    (begin, end), (first, last) = written[v][one], read[v][other]
                    assert end <= first or last <= begin


def test_what_follows_row_by_row_needs_no_barrier():
    x, w, v = np.zeros((192, 64), F32), np.zeros((64, 128), F32), np.zeros((128, 64), F32)

    def rows(xp, x, w, v):
        h = xp.tanh(xp.contract(x, w, spec="ij,jk->ik"))
        y = xp.contract(h, v, spec="ij,jk->ik")
        y = xp.divide(y, xp.sum(xp.exp(y), axes=(1,), keepdims=True))
        return [y, xp.sum(y, axes=(0,), keepdims=False)]

    tasks = compile_program(record(rows, x, w, v), threads=2).passes.schedule.tasks
    assert [task.kernel.kind for task in tasks] == ["contract", "contract", "rows", "columns"]
    assert [task.barrier for task in tasks] == [False, False, False, True]


def test_small_programs_run_on_one_thread():
    program, updates = training_step(2, 16, 2, 32)
    assert compile_program(program, updates=updates, threads=4).threads == 1


def test_a_row_is_read_once_for_softmax():
    a = np.zeros((33, 200), F32)

    def softmax(xp, x):
        e = xp.exp(xp.subtract(x, xp.max(x, axes=(1,), keepdims=True)))
        return xp.divide(e, xp.sum(e, axes=(1,), keepdims=True))

    native = compile_program(record(softmax, a))
    (kernel,) = native.passes.fused.kernels
    assert (kernel.kind, kernel.rows, kernel.columns, len(kernel.anchors)) == ("rows", 33, 200, 2)


def test_equal_loops_share_their_code():
    a, b = np.zeros((7, 5), F32), np.ones((7, 5), F32)
    native = compile_program(record(lambda xp, x, y: [xp.exp(x), xp.exp(y)], a, b))
    assert len(native.passes.fused.kernels) == 2
    assert len(set(native.passes.module.kernels.values())) == 1


def test_everything_can_be_shown(native):
    text = native.show()
    for part in (
        "Statements",
        "Loops",
        "Memory",
        "Schedule",
        "arena",
        "barrier",
        "tile",
        "contract",
    ):
        assert part in text
    assert "define void @run1" in native.ir()
    assert "fma" in native.assembly()


def test_what_every_row_of_a_product_needs_is_computed_once():
    x, w = np.zeros((1, 64), F32), np.zeros((256, 64), F32)

    def layer(xp, x, w):
        y = xp.exp(xp.multiply(x, 0.5))  # of one example: a sum for each row of the weights
        return xp.sum(xp.multiply(xp.broadcast_to(y, shape=w.shape), w), axes=(1,), keepdims=False)

    kernels = compile_program(record(layer, x, w)).passes.fused.kernels
    assert [(kernel.size, len(kernel.anchors)) for kernel in kernels] == [(64, 0), (256 * 64, 1)]

    def scaled(xp, w):
        return xp.sum(
            xp.multiply(xp.exp(xp.sum(w, axes=(1,), keepdims=True)), w), axes=(1,), keepdims=False
        )

    assert len(compile_program(record(scaled, w)).passes.fused.kernels) == 1  # each row has its own


def test_a_sum_whose_rows_would_be_gathered_runs_down_columns():
    weights, values = np.zeros((4, 1, 64), F32), np.zeros((4, 64, 32), F32)

    def attended(xp, weights, values):
        turned = xp.transpose(values, axes=(0, 2, 1))
        return xp.sum(xp.multiply(weights, turned), axes=(2,), keepdims=False)

    (kernel,) = compile_program(record(attended, weights, values)).passes.fused.kernels
    assert kernel.kind == "columns"
