"""The runner's end of a contestant: started, asked, stopped while others are measured, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import site
import subprocess
from pathlib import Path
from typing import Any

from .protocol import ContestantError, Message, ask

ROOT = Path(__file__).resolve().parents[1]


class Process:
    """A contestant's process group, so that compilers it starts stop and end with it.

    Args:
        python: the interpreter that has the contestant's packages.
        threads: how many threads, and cores, it may have.
        cache: where its library keeps what it compiles; an empty folder is a cold start.
        log: where its stderr goes.
    """

    def __init__(self, python: str, threads: int, cache: Path, log: Path) -> None:
        self.log = log
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [python, "-m", "benchmarks.worker", str(threads)],
                cwd=ROOT,
                env=environment(threads, cache),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )

    def ask(self, what: str, **details: Any) -> Message:
        """The contestant's answer.

        Raises:
            ContestantError: it failed; the end of its log stands in the message if it died.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            return ask(self.process.stdin, self.process.stdout, what, **details)
        except ContestantError as error:
            if self.process.poll() is None:
                raise
            tail = self.log.read_text(errors="replace")[-400:]
            raise ContestantError(f"{error}: {tail}") from error

    def pause(self) -> None:
        """No thread of it runs until `resume`: a pool that spins while idle would disturb."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """Ends the whole group, politely first."""
        self.resume()
        with contextlib.suppress(ContestantError, subprocess.TimeoutExpired):
            self.ask("close")
            self.process.wait(timeout=5)
        self._signal(signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):  # what it was asked in vain is dropped
                    stream.close()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def environment(threads: int, cache: Path) -> dict[str, str]:
    """What the contestants' libraries read: thread counts, caches, no accelerator."""
    count, folder = str(threads), str(cache)
    return {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}",
        "PYTHONWARNINGS": "ignore",
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "VECLIB_MAXIMUM_THREADS": count,
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
        "JAX_COMPILATION_CACHE_DIR": f"{folder}/jax",
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "TORCHINDUCTOR_CACHE_DIR": f"{folder}/torch",
        "PYTHONUSERBASE": site.getuserbase(),  # stays where it is although the home moves
        "HOME": folder,
    }
