"""Where Sectile's time goes, by what the processor was found doing: adds it to bench/results.json.

One thread over 2048x2048 pixels, as it comes. Needs perf (Debian: linux-perf), and does nothing
without. ExecuTorch's event tracer would name operators, but its released libraries are built
without XNNPACK's profiling; XNNPACK's loops are told apart by the shape in which they are handed to
its thread pool.
"""

import collections
import shutil
import subprocess
import sys

import cases
import measure
import pictures

RUNS = 3
PICTURE = cases.PICTURES["2048"]
# The first that a frame of the stack, innermost first, begins with. None: before the clock starts,
# not counted.
KINDS = (
    ("pthreadpool_parallelize_4d_tile_2d", "convolutions"),
    ("pthreadpool_parallelize_2d_tile_2d", "convolutions"),
    ("pthreadpool_parallelize_6d_tile_2d", "transposed convolutions"),
    ("pthreadpool_parallelize", "other operators"),
    ("sectile::internal::StreamLane::make_room", "history rows moved"),
    ("sectile::internal::gather", "rows in and out"),
    ("sectile::internal::scatter", "rows in and out"),
    ("sectile::MemorySource", "rows in and out"),
    ("sectile::MemorySink::MemorySink", None),
    ("sectile::MemorySink", "rows in and out"),
    ("xnn_", "programs loaded"),
    ("sectile::internal::load", "programs loaded"),
    ("sectile::internal::write_program", "programs loaded"),
    ("sectile::internal::StreamLane::load_program", "programs loaded"),
)


def kind_of(frames):
    for frame in frames:
        for start, kind in KINDS:
            if frame.startswith(start):
                return kind
    return "the rest"


def recorded(network, path):
    """The stacks of the samples, innermost frame first."""
    source = pictures.source_of(network, PICTURE)
    command = cases.command_of(network, cases.CONTENDERS["sectile"], PICTURE, source, {}, threads=1)
    subprocess.run(
        [
            "perf",
            "record",
            "--quiet",
            "--output",
            path,
            "--freq",
            "500",
            "--call-graph",
            "dwarf,8192",
            *command,
        ],
        input="load\n" + RUNS * "run\n",
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    said = subprocess.run(
        ["perf", "script", "--input", path, "--fields", "ip,sym"],
        capture_output=True,
        text=True,
        check=True,
    )
    for sample in said.stdout.split("\n\n"):
        yield [
            line.split(maxsplit=1)[1]
            for line in sample.splitlines()
            if len(line.split(maxsplit=1)) > 1
        ]


def main():
    if not shutil.which("perf"):
        print("[time_shares] skipped: there is no perf (Debian: linux-perf)", file=sys.stderr)
        return
    results = measure.read()
    results["profile"] = {"picture": PICTURE.name, "networks": {}}
    for network in cases.NETWORKS.values():
        counts = collections.Counter(
            kind_of(frames) for frames in recorded(network, cases.WORK / "perf.data") if frames
        )
        counts.pop(None, None)
        shares = {kind: count / counts.total() for kind, count in counts.most_common()}
        results["profile"]["networks"][network.name] = shares
        print(
            f"{network.name}: {', '.join(f'{kind} {share:.1%}' for kind, share in shares.items())}",
            flush=True,
        )
    measure.write(results)


if __name__ == "__main__":
    main()
