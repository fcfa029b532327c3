"""Compares predicted with measured peak memory.

Fails where they are more than 10 % apart above 64 MiB, or where a run passes its limit.

    python bench/memory_prediction.py [NETWORK ...]

Takes about half an hour on two cores, and 4 GB of memory.

Every network of models/ and of tests/networks, as a whole, in tiles of two sizes, streamed in steps
of two, in lean form, with 1 to 4 workers. Needs numpy and tifffile (requirements/test.txt). The
tool is $SECTILE_CLI, or build/release/cli/sectile.
"""

import json
import sys
import tempfile
from pathlib import Path

import tool

SIDE = 1000
MEBIBYTE = 1 << 20
LEAST = 64 * MEBIBYTE
TOLERANCE = 0.10

ROW = "{:<28} {:<22} {:>9} {:>7} {:>10} {:>10} {:>7}"
TITLES = ["network", "asked", "tile", "workers", "predicted", "measured", "ratio"]


def networks():
    """Name -> path and channels, of all programs that can be cut."""
    found = {name: (path, 3) for name, path in tool.MODELS.items()}
    for entry in json.loads((tool.PROGRAMS / "index.json").read_text()):
        if entry["verdict"] == "exact" and not entry["positive"] and len(entry["methods"]) == 1:
            found[entry["name"]] = (tool.PROGRAMS / entry["file"], entry["channels"])
    return found


def cases():
    yield "whole", ["--mode", "whole", "--memory", "20G"]
    for tile in ("200", "500"):
        for threads in ("1", "2", "3", "4"):
            yield (
                f"tile {tile}, {threads} threads",
                ["--tile", tile, "--threads", threads, "--memory", "20G"],
            )
    for step in ("24", "96"):
        for threads in ("1", "2", "3", "4"):
            yield (
                f"step {step}, {threads} threads",
                ["--step", step, "--threads", threads, "--memory", "20G"],
            )


def lean_case(report):
    """Half of what the whole image held: the lean form, if there is one."""
    return "half the memory", ["--threads", "1", "--memory", str(report["peak_rss_bytes"] // 2)]


def check(name, asked, report):
    """Prints a line; whether the prediction is good."""
    predicted, measured = report["predicted_peak_bytes"], report["peak_rss_bytes"]
    good = measured <= report["memory_limit_bytes"] and (
        measured < LEAST or abs(predicted / measured - 1) <= TOLERANCE
    )
    form = asked + (" (lean)" if report["lean"] else "")
    print(
        ROW.format(
            name,
            form,
            tool.size_text(report["tile"]),
            report["workers"],
            f"{predicted / MEBIBYTE:.1f}",
            f"{measured / MEBIBYTE:.1f}",
            f"{predicted / measured:.3f}",
        ),
        "" if good else "   <---",
        flush=True,
    )
    return good


def main(wanted):
    print(ROW.format(*TITLES))
    checked, bad = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name, (path, channels) in networks().items():
            if wanted and name not in wanted:
                continue
            image = tool.noise_tiff(Path(folder), SIDE, SIDE, channels)
            whole = None
            for asked, options in cases():
                report, message = tool.run(path, image, Path(folder) / "out.tif", *options)
                if report is None:
                    assert (
                        "too small for this network" in message or "cannot be streamed" in message
                    ), message
                    continue
                whole = whole or report
                checked, bad = checked + 1, bad + (not check(name, asked, report))
            asked, options = lean_case(whole)
            report, message = tool.run(path, image, Path(folder) / "out.tif", *options)
            if report is None:
                assert "the smallest limit" in message, message
                continue
            checked, bad = checked + 1, bad + (not check(name, asked, report))
    print(f"{checked} runs, {bad} of them predicted badly")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
