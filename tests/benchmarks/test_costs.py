from __future__ import annotations

import pytest
from benchmarks.costs import closure, installed, requirement
from benchmarks.machine import Foreign, cores, peak_memory


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("numpy>=2", "numpy"),
        ("Typing_Extensions ; python_version < '3.12'", "typing-extensions"),
        ("zope.interface[test]", "zope-interface"),
    ],
)
def test_the_name_in_a_requirement(line: str, name: str) -> None:
    assert requirement(line) == name


def test_what_is_installed_with_a_library_counts() -> None:
    assert {"matplotlib", "numpy", "pillow"} <= closure("matplotlib")
    assert installed("matplotlib")["mib"] > installed("numpy")["mib"] > 1


def test_what_is_not_installed_has_no_facts() -> None:
    assert installed("no-such-distribution-anywhere") == {}


def test_memory_and_cores_of_this_process() -> None:
    before = peak_memory()
    big = bytearray(b"x") * 2**25
    assert peak_memory() >= before > 1
    assert len(big) == 2**25
    assert len(cores()) >= 1


def test_others_take_no_less_than_nothing() -> None:
    foreign = Foreign().cores(own=1e9)
    assert foreign is None or foreign == 0.0
