"""Compares tiled runs with whole-image runs, bit by bit, over the full matrix.

Fails when one value differs.

    python bench/verify_matrix.py [NETWORK ...]

Takes about ten minutes on two cores, and 2.5 GB of memory.

Three networks x five image sizes x three tile sizes x one and two threads. The tool is
$SECTILE_CLI, or build/release/cli/sectile. A quicker part of this runs with the tests
(tests/cli/verify_command_test.py).
"""

import itertools
import json
import subprocess
import sys

import tool

SIZES = ["37x53", "96x96", "1000x777", "1024x1024", "2048x1536"]
TILES = ["128", "288", "640x352"]
THREADS = ["1", "2"]

ROW = "{:<10} {:>10} {:>9} {:>8} {:>6} {:>10} {:>6} {:>12} {:>10} {:>10}"
TITLES = [
    "network",
    "image",
    "tile",
    "threads",
    "mode",
    "tile used",
    "lanes",
    "values",
    "differing",
    "max diff",
]


def verify(network, size, tile, threads):
    """The tool's JSON; None when it failed. A difference (exit 3) is an answer."""
    done = subprocess.run(
        [
            tool.TOOL,
            "verify",
            tool.MODELS[network],
            size,
            "--tile",
            tile,
            "--threads",
            threads,
            "--json",
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return json.loads(done.stdout) if done.returncode in (0, 3) else None


def row(network, size, tile, threads):
    """One line of the table, and whether all is well."""
    answer = verify(network, size, tile, threads)
    if answer is None:
        return f"{network} {size} {tile} {threads}: failed", False
    used = tool.size_text(answer["tile"])
    line = ROW.format(
        network,
        size,
        tile,
        threads,
        answer["mode"],
        used,
        answer["lanes"],
        answer["values"],
        answer["differing"],
        f"{answer['max_abs_diff']:g}",
    )
    return line, answer["differing"] == 0


def main(networks):
    print(ROW.format(*TITLES))
    bad = runs = 0
    for combination in itertools.product(networks, SIZES, TILES, THREADS):
        line, well = row(*combination)
        print(line if well else line + "   <---", flush=True)
        runs += 1
        bad += not well
    print(f"{runs} runs, {bad} of them with a difference or a failure")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(tool.MODELS)))
