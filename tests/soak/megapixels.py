"""Kernels that depend on the image's size, at 1 and 4 megapixels: a part of `make soak`.

XNNPACK picks other tile sizes and tables for large images than for the small ones of the tests. So
networks of every family of operators are streamed and tiled over large images, and each run is
compared with one whole-image run, bit by bit (`sectile verify`). The largest of those takes 4 GiB.
Exits 1 when a value differs or a run fails.
"""

import argparse
import collections
import itertools
import pathlib
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
TOOL = REPOSITORY / "build/release/cli/sectile"
PROGRAMS = REPOSITORY / "tests/networks/programs"

# Networks of tests/networks, by the family whose kernels they exercise.
FAMILIES = {
    "dense convolution": ["conv3x3", "conv_7x7_s2", "conv_dilated", "channels_64"],
    "depthwise convolution": ["conv_depthwise", "conv_depthwise_7x7", "mobile"],
    "grouped convolution": ["conv_grouped"],
    "transposed convolution": ["transposed_k4s2", "transposed_k3s3"],
    "pooling": ["max_pool3s2", "avg_pool3s2"],
    "resize": ["bilinear_up2", "bilinear_down2", "nearest_up2"],
    "placed resize": ["bilinear_up3", "bilinear_aligned", "bicubic_up2"],
    "elementwise": ["sigmoid_tanh", "exp_log", "gelu", "prelu", "div"],
    "data movement": ["pixel_shuffle2", "concat3", "reflect", "slice_product"],
    "f16": ["float16_conv3x3", "float16_unet2", "float16_transposed_k4s2"],
    "i8": ["int8_conv3x3", "int8_conv_depthwise", "int8_avg_pool3s2", "int8_unet2"],
}
# Columns x rows of 1 and 4 megapixels, multiples of no power of two.
SIZES = ["1021x1033", "2011x2087"]
MODES = {"stream": ["--mode", "stream"], "tile": ["--tile", "360x360"]}
THREADS = "2"
DIFFERS = 3  # the tool's exit status
CANNOT = "cannot be streamed"


def compare(tool, network, size, mode):
    """One comparison: ("equal" | "differs" | "refused" | "fails", what the tool said)."""
    program = PROGRAMS / f"{network}.pte"
    done = subprocess.run(
        [*tool, "verify", str(program), size, *MODES[mode], "--threads", THREADS],
        capture_output=True,
        text=True,
    )
    said = (done.stdout + done.stderr).strip()
    if done.returncode == 0:
        return "equal", said
    if done.returncode == DIFFERS:
        return "differs", said
    return ("refused" if mode == "stream" and CANNOT in said else "fails"), said


def expected(network, outcome):
    """Whether a network may be refused: some processors widen f16, which does not stream."""
    return "fails" if outcome == "refused" and not network.startswith("float16") else outcome


def run_all(tool, sizes):
    outcomes = collections.Counter()
    networks = [(family, name) for family, names in FAMILIES.items() for name in names]
    for (family, network), size, mode in itertools.product(networks, sizes, MODES):
        outcome, said = compare(tool, network, size, mode)
        outcome = expected(network, outcome)
        outcomes[outcome] += 1
        if outcome in ("differs", "fails"):
            print(f"{network} ({family}), {size}, {mode} {outcome}: {said}", flush=True)
    return outcomes


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=SIZES, metavar="WxH")
    parser.add_argument("--command", nargs="+", default=[str(TOOL)], help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    outcomes = run_all(options.command, options.sizes)
    networks = sum(len(names) for names in FAMILIES.values())
    print(
        f"{networks} networks at {' and '.join(options.sizes)}, streamed and tiled: "
        f"{outcomes['equal']} runs with the bits of the whole image, {outcomes['refused']} refused,"
        f" {outcomes['differs']} differ, {outcomes['fails']} fail"
    )
    return 1 if outcomes["differs"] or outcomes["fails"] else 0


if __name__ == "__main__":
    sys.exit(main())
