from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import results, table


def measured() -> dict[str, Any]:
    times = {"median": 2.0, "low": 1.9, "high": 2.25, "fastest": 1.8}
    fast = {
        "label": "glassnet, compiled loop",
        "microseconds": times,
        "gflops": 30.0,
        "of_peak": 0.25,
        "threads": 1,
        "first_cold_s": 0.2,
        "first_warm_s": 0.05,
        "peak_mib": 100.4,
        "difference": 4e-8,
        "agrees": True,
        "foreign_cores": 0.5,
        "versions": {"numpy": "2.4"},
        "flags": "",
        "note": "",
    }
    slow = {
        **fast,
        "label": "scikit-learn MLP",
        "microseconds": {key: 1000 * time for key, time in times.items()},
        "first_warm_s": None,
        "difference": 0.02,
        "agrees": False,
        "note": "other gradients",
    }
    row = {
        "title": "2-16-16-2 tanh, batch 32, sgd",
        "data": "spiral",
        "flop": 59392,
        "contestants": {
            "sklearn": slow,
            "jax_scan": {"label": "JAX scan over steps", "error": "no | room\nsecond line"},
            "glassnet_loop": fast,
        },
        "fastest_peer": "sklearn",
        "ours": "glassnet_loop",
        "times_faster": 1000.0,
        "where": {
            "near": {"rounds": 0},
            "far": {
                "rounds": 2,
                "times_faster": 999.0,
                "peer": 1998.0,
                "ours": 2.0,
                "turn_ns": 160.4,
            },
        },
    }
    return {
        "when": "2026-01-01 00:00 UTC",
        "machine": {
            "processor": "P",
            "cores": 2,
            "memory_gib": 8.0,
            "system": "Linux 6.1",
            "python": "3.11",
        },
        "setting": {"threads": 2, "rounds": 7, "seconds": 0.3},
        "steps": {
            "peak": {
                "lanes": 16,
                "gflops": {"1": 120.0, "2": 240.0},
                "gigabytes": {"1": 18.0, "2": 25.0},
            },
            "rows": {"points": row},
        },
    }


def test_a_table_has_a_line_for_each_the_fastest_first() -> None:
    text = table.row("points", measured()["steps"]["rows"]["points"])
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[2] == (
        "| glassnet, compiled loop | 2.00 [1.90–2.25] | 1.80 | 30.0 | 25% | 1 "
        "| 0.20, 0.05 | 100 | 4e-08 | 0.50 |"
    )
    assert "2,000 [1,900–2,250]" in lines[3]
    assert "2e-02 (differs)" in lines[3]
    assert "failed: no \\| room |" in lines[4]
    assert {line.count(" | ") for line in lines} == {9}


def test_the_verdict_and_the_notes_are_said() -> None:
    text = table.row("points", measured()["steps"]["rows"]["points"])
    assert "**1000.00 ×** the speed of the fastest peer, scikit-learn MLP" in text
    assert "- scikit-learn MLP: other gradients." in text


def test_rounds_in_which_the_cores_were_far_from_each_other_are_told_apart() -> None:
    text = table.row("points", measured()["steps"]["rows"]["points"])
    said = "In 2 rounds a line went from one core to the other in 160 ns: 2.00 beside 1,998, 999.00"
    assert said in text
    assert text.count(" round") == 1


def test_results_from_before_places_were_measured_are_still_read() -> None:
    found = measured()["steps"]["rows"]["points"]
    del found["where"]
    assert "**1000.00 ×**" in table.row("points", found)


def test_results_of_parts_that_were_not_run_again_are_kept(tmp_path: Path) -> None:
    results.write(measured(), tmp_path)
    again = {key: value for key, value in measured().items() if key != "steps"}
    facts = {"version": "2.4", "import_s": 0.1, "mib": 60.0, "distributions": 1}
    written = results.write({**again, "libraries": {"numpy": facts}}, tmp_path)
    page = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "### points" in page
    assert "| numpy | 2.4 | 0.100 | 60 | 1 |" in page
    assert sorted(path.name for path in written) == ["results.json", "results.md", "steps.png"]
    assert all(path.stat().st_size > 0 for path in written)


def test_what_statistics_cost_is_a_table() -> None:
    task = {"title": "digits", "every": 50, "epoch_ms": [2.0, 2.08], "start_ms": [90.0, 140.2]}
    text = table.document({**measured(), "readings": {"digits": {**task, "share": 0.0412}}})
    assert "Read every 50 steps" in text
    assert "| digits | 2.00 | 2.08 | 4.1% | 90 | 140 |" in text
