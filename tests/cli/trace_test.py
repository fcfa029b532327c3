"""run --trace: JSON that chrome://tracing shows, with each strip and each step once."""

import json
from itertools import pairwise

import pytest


def spans_by_thread(trace):
    """Name of the thread -> its spans, by their begin."""
    names = {e["tid"]: e["args"]["name"] for e in trace["traceEvents"] if e["ph"] == "M"}
    spans = {name: [] for name in names.values()}
    for event in trace["traceEvents"]:
        if event["ph"] != "M":
            assert event["ph"] == "X" and event["pid"] == 1, event  # begin and end in one
            spans[names[event["tid"]]].append(event)
    return {name: sorted(found, key=lambda e: e["ts"]) for name, found in spans.items()}


@pytest.mark.parametrize(
    "options", [["--tile", "144"], ["--step", "8"], ["--mode", "whole"]], ids=" ".join
)
def test_trace(tool, models, image, tmp_path, options):
    trace, report = tmp_path / "trace.json", tmp_path / "report.json"
    trace.write_text("an older one")
    words = ["run", models["unet"], image("in.png", 230, 250), tmp_path / "out.png", *options]
    tool.ok(*words, "--threads", "2", "--memory", "2G", "--trace", trace, "--report", report)
    plan = json.loads(report.read_text())
    spans = spans_by_thread(json.loads(trace.read_text()))
    workers = [f"worker {i}" for i in range(plan["workers"])]
    assert list(spans) == ["reader", "writer", *workers]
    for found in spans.values():
        assert all(event["ts"] >= 0 and event["dur"] >= 0 for event in found)
        assert all(a["ts"] + a["dur"] <= b["ts"] for a, b in pairwise(found)), found
    strips = list(range(len(spans["reader"])))
    for thread, name in (("reader", "strip_read"), ("writer", "strip_written")):
        assert {event["name"] for event in spans[thread]} == {name}
        assert [event["args"]["strip"] for event in spans[thread]] == strips
    steps = [event for worker in workers for event in spans[worker]]
    steps = [event["args"] for event in steps if event["name"] == "step_computed"]
    assert len(steps) == plan["steps"]
    assert len({(step["strip"], step["column"]) for step in steps}) == plan["steps"]
    assert {step["strip"] for step in steps} == set(strips)
    rows = [event["args"]["rows"] for event in spans["writer"]]
    assert [rows[0][0], rows[-1][1]] == [0, plan["output"]["height"]]
    expected = ["in.png", "out.png", "report.json", "trace.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == expected


def test_trace_to_stdout(tool, models, image, tmp_path):
    words = ["run", models["denoise"], image("in.png", 20, 20), tmp_path / "out.png"]
    assert spans_by_thread(json.loads(tool.ok(*words, "--trace", "-")))["reader"]
    message = tool.fails(*words, "--trace", "-", "--report", "-")
    assert "trace - is the report -" in message


@pytest.mark.parametrize("place", ["in.png", "out.png", "no/such/folder.json", "."])
def test_trace_that_cannot_be(tool, models, image, tmp_path, place):
    source = image("in.png", 20, 20)
    before = source.read_bytes()
    words = ["run", models["denoise"], source, tmp_path / "out.png"]
    assert "trace" in tool.fails(*words, "--trace", tmp_path / place)
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]
    assert source.read_bytes() == before


def test_a_failed_run_leaves_no_trace(tool, models, image, tmp_path):
    source = image("in.png", 600, 600)
    source.write_bytes(source.read_bytes()[:-20000])
    words = ["run", models["denoise"], source, tmp_path / "out.png"]
    tool.fails(*words, "--trace", tmp_path / "trace.json")
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]
