"""The cache of machine code: used, private, and never trusted blindly."""

import os
import stat
import subprocess
import sys
import textwrap

import numpy as np
import pytest

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


def test_the_key_knows_text_and_processor():
    keys = {ObjectCache.key(text, find(name)) for text in "ab" for name in ("avx2", "neon")}
    assert len(keys) == 4
    assert ObjectCache.key("a", host()) == ObjectCache.key("a", host())


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
