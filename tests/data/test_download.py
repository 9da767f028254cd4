"""Downloads, against a server on this machine that behaves well, badly, or not at all."""

from __future__ import annotations

import gzip
import hashlib
import importlib
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from glassnet import data
from glassnet.data import download
from glassnet.data.download import fetch, is_whole
from glassnet.data.remote import Remote
from glassnet.errors import ArgumentError, DownloadError, OutputError

mnist_module = importlib.import_module("glassnet.data.mnist")
CONTENT = np.random.default_rng(0).integers(0, 256, 200_000).astype(np.uint8).tobytes()
NOBODY = "http://127.0.0.1:9/"  # the port at which everything is thrown away


class Server(ThreadingHTTPServer):
    """Files by their path, and what shall go wrong."""

    files: dict[str, bytes]
    ranges = True  # whether parts can be asked for
    broken = 0  # how many answers break off after a third
    refused = 0  # how many are answered by 503
    slow = 0.0  # seconds that an answer takes
    asked: list[tuple[str, str]]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server, name = self.server, self.path.lstrip("/")
        wanted = self.headers.get("Range", "")
        server.asked.append((name, wanted))
        if name not in server.files or server.refused > 0:
            server.refused -= 1
            self.send_error(503 if name in server.files else 404)
            return
        content = server.files[name]
        start = int(wanted[6:-1]) if wanted and server.ranges else 0
        if start >= len(content):
            self.send_error(416)
            return
        time.sleep(server.slow)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        rest = content[start:]
        if server.broken > 0:
            server.broken -= 1
            rest = rest[: len(rest) // 3]
        self.wfile.write(rest)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(download, "PAUSE", 0.0)
    monkeypatch.setattr(download, "TIMEOUT", 5.0)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Server(("127.0.0.1", 0), Handler) as running:
        running.files, running.asked = {"some": CONTENT}, []
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def remote(server: Server, *before: str) -> Remote:
    addresses = tuple(address + "some" for address in (*before, server.address))
    return Remote("some", addresses, hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


def test_fetched_once_and_kept_privately(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "set"
    for _ in range(2):
        path = fetch(remote(server), folder)
        assert path.read_bytes() == CONTENT
    assert server.asked == [("some", "")]
    assert folder.stat().st_mode & 0o077 == 0
    assert not list(folder.glob("*.part"))


def test_a_broken_connection_is_gone_on_with(server: Server, tmp_path: Path) -> None:
    server.broken = 3
    assert fetch(remote(server), tmp_path).read_bytes() == CONTENT
    starts = [int(wanted[6:-1]) if wanted else 0 for _, wanted in server.asked]
    assert len(starts) == 4
    assert starts == sorted(set(starts))  # each goes on where the one before it ended


def test_a_download_that_was_killed_is_gone_on_with(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".some.part").write_bytes(CONTENT[:150_000])
    assert fetch(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == [("some", "bytes=150000-")]


def test_a_server_without_ranges_begins_anew(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    (tmp_path / ".some.part").write_bytes(b"x" * 150_000)
    assert fetch(remote(server), tmp_path).read_bytes() == CONTENT


def test_a_whole_part_needs_no_net(tmp_path: Path, server: Server) -> None:
    (tmp_path / ".some.part").write_bytes(CONTENT)
    assert fetch(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == []


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.refused = 2
    assert fetch(remote(server), tmp_path).read_bytes() == CONTENT


def test_the_next_address_helps_out(server: Server, tmp_path: Path) -> None:
    gone = server.address + "gone/"
    assert fetch(remote(server, gone, NOBODY), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "content",
    [CONTENT[:-1] + b"x", CONTENT + b"more", CONTENT[:100]],
    ids=["other", "long", "short"],
)
def test_another_content_is_never_taken(server: Server, tmp_path: Path, content: bytes) -> None:
    server.files["some"] = content
    with pytest.raises(DownloadError, match="some cannot be fetched") as caught:
        fetch(remote(server), tmp_path)
    assert "checksum" in str(caught.value) or "bytes" in str(caught.value)
    assert not (tmp_path / "some").exists()
    server.files["some"] = CONTENT  # and does not stand in the way later
    assert fetch(remote(server), tmp_path).read_bytes() == CONTENT


def test_a_damaged_file_is_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "some").write_bytes(CONTENT[:-1] + b"x")
    assert fetch(remote(server), tmp_path).read_bytes() == CONTENT


def test_offline(server: Server, tmp_path: Path) -> None:
    nowhere = replace(remote(server), addresses=(NOBODY + "some",))
    with pytest.raises(DownloadError, match="some cannot be fetched") as caught:
        fetch(nowhere, tmp_path)
    text = str(caught.value)
    assert "refused" in text.lower()
    assert NOBODY in text
    assert f"put the file into {tmp_path} by hand" in text
    (tmp_path / "some").write_bytes(CONTENT)
    assert is_whole(fetch(nowhere, tmp_path), nowhere)


def test_a_folder_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        fetch(remote(server), tmp_path / "file" / "cache")
    full = Path("/dev/full")
    if full.exists():
        (tmp_path / ".some.part").symlink_to(full)
        with pytest.raises(OutputError, match="cannot be written"):
            fetch(remote(server), tmp_path)


def test_two_processes_at_once_fetch_once(server: Server, tmp_path: Path) -> None:
    server.slow = 0.5
    program = (
        "import sys; from pathlib import Path; from glassnet.data.download import fetch; "
        "from glassnet.data.remote import Remote; "
        "address, sha256, size, folder = sys.argv[1:]; "
        "print(fetch(Remote('some', (address,), sha256, int(size)), Path(folder)))"
    )
    wanted = remote(server)
    arguments = [wanted.addresses[0], wanted.sha256, str(wanted.size), str(tmp_path)]
    running = [
        subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in running:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert out.decode().strip() == str(tmp_path / "some")
    assert server.asked == [("some", "")]
    assert (tmp_path / "some").read_bytes() == CONTENT


def packed(array: np.ndarray) -> bytes:
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes())


@pytest.mark.parametrize(
    ("load", "name"), [(data.mnist, "MNIST"), (data.fashion_mnist, "FASHION_MNIST")]
)
def test_mnist_by_name(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load: object, name: str
) -> None:
    real = getattr(mnist_module, name)
    assert set(real) == {
        f"{part}-{kind}-ubyte.gz"
        for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
    }  # fmt: skip
    files = {}
    for key, described in real.items():
        assert len(described.sha256) == 64
        assert all(address.endswith(key) for address in described.addresses)
        count = 6 if key.startswith("train") else 3
        shape = (count, 28, 28) if "images" in key else (count,)
        content = packed(np.arange(np.prod(shape)).reshape(shape) % 10)
        server.files[key] = content
        sha256 = hashlib.sha256(content).hexdigest()
        files[key] = Remote(key, (server.address + key,), sha256, len(content))
    monkeypatch.setattr(mnist_module, name, files)
    train, test = load(folder=tmp_path), load("test", folder=tmp_path)  # type: ignore[operator]
    assert (len(train), len(test)) == (6, 3)
    assert train.inputs.shape == (6, 28, 28, 1)
    assert train.classes == test.classes
    assert len(train.classes) == 10
    with pytest.raises(ArgumentError, match='did you mean "test"'):
        load("tset", folder=tmp_path)  # type: ignore[operator]
