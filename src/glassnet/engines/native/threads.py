"""The threads that run one program side by side.

Started at the first run, they sleep on a queue between runs and cost nothing there. A call into
machine code frees the interpreter's lock, so the caller's thread and the others run at once.
"""

from __future__ import annotations

import queue
import threading
import weakref
from typing import Any

Task = tuple[Any, int, int]  # function, address, number of the run
Tasks = queue.SimpleQueue[Task | None]  # None ends


class Team:
    """Runs a function of machine code on every thread at once."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._tasks: list[Tasks] = []
        self._done: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._runs = 0
        self._lock = threading.Lock()
        for number in range(1, threads):
            tasks: Tasks = queue.SimpleQueue()
            self._tasks.append(tasks)
            words = (number, tasks, self._done)
            threading.Thread(
                target=_serve, args=words, daemon=True, name=f"glassnet-{number}"
            ).start()
        weakref.finalize(self, _dismiss, self._tasks)

    def run(self, function: Any, address: int) -> None:
        """`function(address, thread)` on all threads; returns when the last has finished."""
        with self._lock:
            self._runs += 1
            for tasks in self._tasks:
                tasks.put((function, address, self._runs))
            function(address, 0)
            finished = 0
            while finished < len(self._tasks):  # an interrupted run may have left its words here
                finished += self._done.get() == self._runs


def _serve(number: int, tasks: Tasks, done: queue.SimpleQueue[int]) -> None:
    while (task := tasks.get()) is not None:
        function, address, run = task
        function(address, number)
        done.put(run)


def _dismiss(all_tasks: list[Tasks]) -> None:
    for tasks in all_tasks:
        tasks.put(None)
