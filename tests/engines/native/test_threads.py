"""A team of threads: all run, none after the other has gone, none in the way of the end."""

import gc
import threading
import time

import pytest

from glassnet.engines.native.threads import Team


@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_thread_runs_once_for_each_run(size):
    seen = []
    team = Team(size)
    for header in (7, 8):
        team.run(lambda header, number: seen.append((header, number)), header)
    assert sorted(seen) == [(header, number) for header in (7, 8) for number in range(size)]


def test_a_run_ends_when_the_last_has_finished():
    finished = []

    def work(_header, number):
        time.sleep(0.02 * number)
        finished.append(number)

    Team(3).run(work, 0)
    assert finished == [0, 1, 2]


def test_words_of_an_interrupted_run_are_not_taken_for_this_one():
    finished = []

    def work(_header, number):
        time.sleep(0.02 * number)
        finished.append(number)

    team = Team(2)
    team._done.put(0)
    team.run(work, 0)
    assert finished == [0, 1]


def test_the_threads_go_with_their_team():
    before = set(threading.enumerate())  # some of which may just be ending
    team = Team(4)
    team.run(lambda header, number: None, 0)
    own = set(threading.enumerate()) - before
    assert len(own) == 3
    del team
    gc.collect()
    for thread in own:
        thread.join(timeout=5)
    assert not any(thread.is_alive() for thread in own)
