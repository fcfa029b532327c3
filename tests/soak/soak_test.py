"""The driver of the soak: what it counts, and that a crash neither stops it nor goes unseen."""

import json
import sys

import pytest

import soak

# A stand-in for soak_networks. Seed 3 crashes, seed 5 differs, seed 6 is refused.
STAND_IN = """
import json, os, sys
first, count = int(sys.argv[1]), int(sys.argv[2])
for seed in range(first, first + count):
    print(json.dumps({"begin": seed}), flush=True)
    if seed == 3:
        print("[check] boom", file=sys.stderr, flush=True)
        os.abort()
    outcome = {5: "differs", 6: "refused"}.get(seed, "exact")
    refusals = ["XNNConv2d: a reason"] if seed == 6 else []
    print(json.dumps({"seed": seed, "outcome": outcome, "whole": 1, "tiled": 2, "streamed": 3,
                      "refusals": refusals, "problem": "p" if seed == 5 else ""}), flush=True)
"""


@pytest.fixture
def run(tmp_path, capsys):
    def call(seed, count, jobs=1):
        (tmp_path / "stand_in.py").write_text(STAND_IN)
        file = tmp_path / "counts.json"
        status = soak.main(
            [
                "--seed",
                str(seed),
                "--count",
                str(count),
                "--jobs",
                str(jobs),
                "--json",
                str(file),
                "--command",
                sys.executable,
                str(tmp_path / "stand_in.py"),
            ]
        )
        return status, json.loads(file.read_text()), capsys.readouterr().out

    return call


@pytest.mark.parametrize("jobs", [1, 3])
def test_goes_on_after_a_crash_and_counts_it(run, monkeypatch, jobs):
    monkeypatch.setattr(soak, "PER_PROCESS", 4)
    status, counts, out = run(1, 10, jobs)
    assert status == 1
    assert counts["outcomes"] == {"crashes": 1, "differs": 1, "exact": 7, "refused": 1}
    assert "seed 3 crashes" in out and "boom" in out
    assert "seed 5 differs: p" in out
    assert "bad seeds: 3 5" in out


def test_counts_plans_and_refusals_by_reason(run):
    status, counts, out = run(6, 4)
    assert status == 0
    assert counts["first_seed"] == 6 and counts["networks"] == 4
    assert counts["plans"] == {"whole": 4, "tiled": 8, "streamed": 12}
    assert counts["refusals"] == {"XNNConv2d: a reason": 1}
    assert "4 of 4 networks" in out and "bad seeds" not in out


def test_a_process_that_cannot_start_networks_is_no_success(run):
    status, counts, _ = run(3, 1)
    assert status == 1
    assert counts["outcomes"] == {"crashes": 1}
