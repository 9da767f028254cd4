"""How far two cores are from each other: nanoseconds until one sees what the other has written.

Two threads, each on a core of its own, take turns in counting one number up. Cores that share a
last-level cache need some 30 ns for a turn, cores that do not three to six times as much; on a
virtual machine this can change from minute to minute, and with it what threads cost.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time

import numpy as np

from .machine import cores
from .peak import Machine

FAR = 80.0  # ns: more than a turn takes through a shared cache
ROUNDS = 5
FEW, MANY = 500, 2500  # turns of each; the difference is what turns take, without starting threads

COUNT_IR = """
define void @count(ptr %number, i64 %first, i64 %n) {
entry:
  %goal = mul i64 %n, 2
  br label %wait
wait:
  %mine = phi i64 [ %first, %entry ], [ %mine, %wait ], [ %following, %turn ]
  %seen = load atomic i64, ptr %number acquire, align 8
  %is = icmp eq i64 %seen, %mine
  br i1 %is, label %turn, label %wait
turn:
  %next = add i64 %mine, 1
  store atomic i64 %next, ptr %number release, align 8
  %following = add i64 %mine, 2
  %more = icmp slt i64 %following, %goal
  br i1 %more, label %wait, label %end
end:
  ret void
}
"""


class Distance:
    """The time of a turn between the first two cores, in ns; None where there is only one."""

    def __init__(self) -> None:
        self.machine = Machine()
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
        self.count = kind(self.machine.address(COUNT_IR, "count"))

    def __call__(self) -> float | None:
        places = cores()[:2]
        if len(places) < 2:
            return None
        few, many = (min(self._seconds(n, places) for _ in range(ROUNDS)) for n in (FEW, MANY))
        return (many - few) / (2 * (MANY - FEW)) * 1e9

    def _seconds(self, turns: int, places: list[int]) -> float:
        number = np.zeros(16, np.int64)  # two lines, so that one is its own

        def run(first: int) -> None:
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, {places[first]})  # of this thread alone
            self.count(number[8:].ctypes.data, first, turns)

        start = time.perf_counter()
        threads = [threading.Thread(target=run, args=(first,)) for first in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - start
