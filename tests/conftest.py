"""What many tests use: the root of the repository, its source files, and stored snapshots.

Tests that run the same lines thousands of times, such as finite differences, random graphs and
whole trainings, carry pytest-cov's mark `no_cover`. Counting would make them three times as slow,
and every line has to be reached by other tests anyway. In the workers of pytest-xdist pytest-cov
counts twice, and the mark ends one of the counts; `pytest_runtest_call` below ends both.
"""

from __future__ import annotations

import difflib
import signal
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# How fast an example is drawn or run says what else the machine does, and how large one becomes
# before it is thrown away says nothing either: neither fails a test.
settings.register_profile(
    "glassnet",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("glassnet")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="write the snapshots beside the tests anew; look at the difference before you commit",
    )


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Nothing is counted while a test with the mark `no_cover` runs."""
    counting = sys.gettrace()
    if item.get_closest_marker("no_cover"):
        sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(counting)


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """Also in the background, where a shell starts what ignores it, and so would every child."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> list[Path]:
    """Every Python file of the package."""
    found = sorted((ROOT / "src" / "glassnet").rglob("*.py"))
    assert found
    return found


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`snapshot(path, text)` holds that text is what the file says; paths start at the test."""

    def compare(name: str, text: str) -> None:
        path = (request.path.parent / name).resolve()
        if request.config.getoption("update_snapshots"):
            path.write_text(text, encoding="utf-8")
        stored = path.read_text(encoding="utf-8") if path.exists() else ""
        difference = "\n".join(
            difflib.unified_diff(stored.split("\n"), text.split("\n"), name, "now", lineterm="")
        )
        if difference:
            pytest.fail(
                f"{name} is not what it was. If you mean the change, run\n"
                f"  scripts/test {request.path.relative_to(ROOT)} --update-snapshots\n{difference}",
                pytrace=False,
            )

    return compare
