"""The cache of machine code: used, private, and never trusted blindly."""

import os
import stat
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import glassnet as gn
from glassnet.compilation import trace_call
from glassnet.engines.native import compile_program
from glassnet.engines.native.cache import ObjectCache, user_folder
from glassnet.engines.native.jit import Code
from glassnet.engines.native.target import find, host

from .helpers import F32, record

A = np.arange(5, dtype=F32)
PROGRAM = record(lambda xp, a: xp.exp(a), A)
posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")


def result(folder):
    return compile_program(PROGRAM, cache=folder)(A)[0]


def entries(folder):
    return sorted(folder.iterdir())


def test_the_second_run_compiles_nothing(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    first = result(folder)
    assert len(entries(folder)) == 1
    monkeypatch.setattr(Code, "_parsed", lambda self: pytest.fail("compiled again"))
    np.testing.assert_array_equal(result(folder), first)


@pytest.mark.parametrize(
    "damage", [b"", b"glassnet object 1\n", b"x" * 5000], ids=["empty", "head", "other"]
)
def test_a_damaged_entry_is_built_anew(tmp_path, damage):
    folder = tmp_path / "cache"
    first = result(folder)
    (entry,) = entries(folder)
    whole = entry.read_bytes()
    entry.write_bytes(damage)
    np.testing.assert_array_equal(result(folder), first)
    assert entry.read_bytes() == whole


def test_a_changed_byte_is_noticed(tmp_path):
    folder = tmp_path / "cache"
    result(folder)
    (entry,) = entries(folder)
    data = bytearray(entry.read_bytes())
    data[-100] ^= 1
    entry.write_bytes(bytes(data))
    assert ObjectCache(folder).load(entry.name) is None


@posix
def test_folder_and_files_are_private(tmp_path):
    folder = tmp_path / "cache"
    result(folder)
    (entry,) = entries(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600


@posix
def test_a_folder_that_others_can_write_is_not_used(tmp_path):
    folder = tmp_path / "cache"
    result(folder)
    (entry,) = entries(folder)
    folder.chmod(0o777)
    assert ObjectCache(folder).load(entry.name) is None
    entry.unlink()
    result(folder)
    assert entries(folder) == []


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    np.testing.assert_allclose(result(blocked / "cache"), np.exp(A), rtol=1e-6)


def test_the_oldest_entries_give_way(tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.engines.native.cache._KEPT", 3)
    cache = ObjectCache(tmp_path / "cache")
    for age, key in enumerate("abcde"):
        cache.save(key, b"code")
        os.utime(cache.folder / key, (age, age))
    assert [path.name for path in entries(cache.folder)] == ["c", "d", "e"]


def test_the_key_knows_all_that_code_depends_on():
    cache = ObjectCache("anywhere")
    programs = [
        record(lambda xp, a, n=n: xp.multiply(a, n), A)
        for n in (1.5, 1.5000000000000002, np.float32(1.5))
    ]
    programs += [
        record(lambda xp, a, n=n: xp.add(a, xp.constant(np.full(5, n, F32))), A) for n in (1, 2)
    ]
    programs += [record(lambda xp, a: xp.exp(a), A[:n]) for n in (4, 5)]
    keys = {cache.key(program, {}, 1, host()) for program in programs}
    keys |= {cache.key(programs[0], {0: 0}, 1, host()), cache.key(programs[0], {}, 2, host())}
    keys |= {cache.key(programs[0], {}, 1, find(name)) for name in ("avx2", "neon")}
    assert len(keys) == 7 + 2 + len({"avx2", "neon"} - {host().name})
    again = record(lambda xp, a: xp.multiply(a, 1.5), A)
    assert cache.key(again, {}, 1, host()) == cache.key(programs[0], {}, 1, host())


def test_the_key_knows_the_body_of_a_loop():
    def total(factor):
        return trace_call(
            lambda xs: gn.scan(lambda s, x: (s + x * factor, None), gn.tensor(0.0), xs)[0], (A,), {}
        ).program

    keys = {ObjectCache.key(total(factor), {}, 1, host()) for factor in (1.0, 2.0, 2.0)}
    assert len(keys) == 2


def test_what_is_read_back_runs_and_can_be_looked_at(tmp_path):
    """Constants, an update in place and one that is copied, more than one output."""

    def step(xp, w, v, x):
        y = xp.add(xp.multiply(w, x), xp.constant(np.arange(5, dtype=F32)))
        return [xp.sum(y, axes=(0,), keepdims=False), xp.subtract(w, x), xp.flip(v, axes=(0,)), y]

    program = record(step, A, A, A)
    found = []
    for _ in range(2):
        native = compile_program(program, updates={0: 1, 1: 2}, cache=tmp_path / "cache")
        w, v = A.copy(), A.copy()
        found.append([*native(w, v, A), w, v])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert "passes" not in vars(native)  # nothing was compiled, …
    assert "Statements" in native.show()  # … until somebody looks
    assert "passes" in vars(native)


def test_two_processes_at_once(tmp_path):
    code = textwrap.dedent(
        f"""
        import numpy as np
        from glassnet.engines import Recorder
        from glassnet.engines.native import compile_program
        for n in range(1, 9):
            xp = Recorder()
            program = xp.finish([xp.exp(xp.input((n,), np.dtype("float32")))])
            out = compile_program(program, cache={str(tmp_path / "cache")!r})(np.ones(n, "f4"))
            assert abs(out[0][0] - np.e) < 1e-5
        """
    )
    workers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [worker.wait(120) for worker in workers] == [0, 0]
    assert len(entries(tmp_path / "cache")) == 8


def test_the_users_folder_is_below_home():
    assert user_folder().parts[-2:] == ("glassnet", "native")
