"""The pace: both ways are tried, the faster goes on, the slower gets another chance."""

from glassnet.engines.native.pace import Pace


def drive(pace: Pace, costs: dict[int, float], seconds: float) -> dict[int, float]:
    """Seconds spent with each number of threads."""
    spent = dict.fromkeys(costs, 0.0)
    while sum(spent.values()) < seconds:
        threads, steps = pace.next(10**9)
        pace.saw(threads, steps, steps * costs[threads])
        spent[threads] += steps * costs[threads]
    return spent


def test_one_thread_has_no_choice():
    assert drive(Pace(1), {1: 1e-5}, 0.2)[1] >= 0.2


def test_the_faster_does_nearly_all_the_work():
    for costs in ({1: 1e-4, 2: 6e-5}, {1: 5e-5, 2: 4e-4}):
        spent = drive(Pace(2), costs, 3.0)
        fast = min(costs, key=costs.__getitem__)
        assert spent[fast] > 0.95 * sum(spent.values())


def test_a_core_that_becomes_free_is_found():
    pace = Pace(2)
    drive(pace, {1: 5e-5, 2: 4e-4}, 0.5)
    spent = drive(pace, {1: 5e-5, 2: 3e-5}, 2.0)
    assert spent[2] > 1.0


def test_a_choice_made_in_a_disturbed_moment_is_soon_put_right():
    pace = Pace(2)
    drive(pace, {1: 0.045, 2: 0.060}, 0.25)  # long steps, few of them
    spent = drive(pace, {1: 0.045, 2: 0.025}, 2.0)
    assert spent[2] > 1.0


def test_a_choice_that_proves_right_is_questioned_ever_more_seldom():
    pace = Pace(2)
    drive(pace, {1: 5e-5, 2: 4e-4}, 1.0)
    spent = drive(pace, {1: 5e-5, 2: 4e-4}, 4.0)
    assert spent[2] < 0.01 * 4.0


def test_threads_that_are_clearly_faster_are_not_questioned_soon():
    costs = {1: 0.080, 2: 0.045}
    assert drive(Pace(2), costs, 4.0)[1] <= 2 * costs[1]  # the first trials
    assert drive(Pace(2), costs, 40.0)[1] > 2 * costs[1]


def test_no_more_steps_than_there_are():
    pace = Pace(2)
    for _ in range(8):
        threads, steps = pace.next(3)
        assert 1 <= steps <= 3
        pace.saw(threads, steps, steps * 1e-6)
