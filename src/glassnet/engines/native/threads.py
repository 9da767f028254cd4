"""The threads that run one program side by side.

Started at the first run, they sleep on a queue between runs and cost nothing there. A call into
machine code frees the interpreter's lock, so the caller's thread and the others run at once.
"""

from __future__ import annotations

import queue
import threading
import weakref
from typing import Any


class Team:
    """Runs `function(header, thread)` on every thread at once."""

    def __init__(self, function: Any, threads: int) -> None:
        self.function = function
        self.threads = threads
        self._tasks: list[queue.SimpleQueue[int | None]] = []
        self._done: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        for number in range(1, threads):
            tasks: queue.SimpleQueue[int | None] = queue.SimpleQueue()
            self._tasks.append(tasks)
            words = (function, number, tasks, self._done)
            threading.Thread(
                target=_serve, args=words, daemon=True, name=f"glassnet-{number}"
            ).start()
        weakref.finalize(self, _dismiss, self._tasks)

    def run(self, header: int) -> None:
        """One run, on all threads; returns when the last has finished."""
        with self._lock:
            for tasks in self._tasks:
                tasks.put(header)
            self.function(header, 0)
            for _ in self._tasks:
                self._done.get()


def _serve(
    function: Any,
    number: int,
    tasks: queue.SimpleQueue[int | None],
    done: queue.SimpleQueue[None],
) -> None:
    while (header := tasks.get()) is not None:
        function(header, number)
        done.put(None)


def _dismiss(all_tasks: list[queue.SimpleQueue[int | None]]) -> None:
    for tasks in all_tasks:
        tasks.put(None)
