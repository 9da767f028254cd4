"""Whether a program's threads pay, found out by the clock while it runs.

More threads are slower than one where the cores are busy with something else, or are no cores of
their own. The results are the same bits either way, so each is tried, the faster goes on, and now
and then the other gets another chance: soon at first, for a choice may have been made while the
machine was disturbed, and ever more seldom while it proves right. Several threads that are clearly
faster than one were not disturbed.
"""

from __future__ import annotations

_SLICE = 0.15  # seconds of native code at a time; in between, Python may handle Ctrl-C
_TRIAL = 0.002  # seconds for the slower of the two, now and then
_SOON, _SHARE = 8, 200  # time between trials, in trials: after a change, and in the long run
_FIRST = 2  # trials of each at the start
_CLEARLY = 1.3  # times as fast
_KEPT = 4  # stretches by whose best a choice is judged: one that was disturbed decides nothing


class Pace:
    """Picks the threads and the number of steps for the next stretch of a run."""

    def __init__(self, most: int) -> None:
        self.choices = sorted({1, most}, reverse=True)
        self.seconds: dict[int, list[float]] = {n: [] for n in self.choices}  # per step
        self._since = 0.0  # seconds since the slower one was last tried
        self._best, self._wait = most, _SOON  # the last choice; trials' time to the next trial

    def next(self, left: int) -> tuple[int, int]:
        """(threads, steps), with at least one step and at most `left`."""
        untried = [n for n in self.choices if len(self.seconds[n]) < _FIRST]
        if untried and len(self.choices) > 1:
            trying = min(untried, key=lambda n: len(self.seconds[n]))
            # One step first, for it is cold; then so many that waking the threads does not count.
            return trying, self._steps(trying, _TRIAL, left) if self.seconds[trying] else 1
        best = min(self.choices, key=self.per_step)
        slow = next((n for n in self.choices if n != best), best)
        if best != self._best:
            self._best, self._wait = best, _SOON
        trial = max(_TRIAL, self.per_step(slow))
        clear = best > slow and self.per_step(slow) > _CLEARLY * self.per_step(best)
        if slow != best and self._since > (_SHARE if clear else self._wait) * trial:
            self._since, self._wait = 0.0, min(2 * self._wait, _SHARE)
            return slow, self._steps(slow, _TRIAL, left)
        return best, self._steps(best, _SLICE, left)

    def saw(self, threads: int, steps: int, seconds: float) -> None:
        """Takes note of how long a stretch took."""
        self.seconds[threads] = [*self.seconds[threads][1 - _KEPT :], seconds / steps]
        self._since += seconds

    def per_step(self, threads: int) -> float:
        """Seconds for one step, of the last stretches the better."""
        return min(self.seconds[threads], default=_SLICE)

    def _steps(self, threads: int, seconds: float, left: int) -> int:
        return max(1, min(left, int(seconds / max(self.per_step(threads), 1e-9))))
