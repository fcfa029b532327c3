"""One memory limit from 1 megapixel to 1 gigapixel.

    python bench/memory_flat.py [LIMIT]        about three minutes on two cores; 5 GB of disk

Squares of 1, 67 and 1074 megapixels, planned freely: fails when a peak passes the limit, or the
times per megapixel differ by more than 15 %. Then 8192 columns and more and more rows, all streamed
in the same steps: fails when the peaks differ by more than 10 %. (Small squares take less than the
limit because more memory would make them slower: docs/decisions/0013-first-touch-costs-time.md.)

The images are tiled 8-bit TIFFs of one band, made on the spot, the largest a BigTIFF; the network
is four convolutions of 8 channels (tests/networks/programs/four_conv.pte). Needs numpy and tifffile
(requirements/test.txt). The tool is $SECTILE_CLI, or build/release/cli/sectile.
"""

import sys
import tempfile
from pathlib import Path

import tool

SQUARES = [(1024, 1024), (8192, 8192), (32768, 32768)]
COLUMNS = [(128, 8192), (8192, 8192), (131072, 8192)]
NETWORK = tool.PROGRAMS / "four_conv.pte"
PEAK_TOLERANCE = 0.10
TIME_TOLERANCE = 0.15
MEBIBYTE = 1 << 20


def measure(size, limit, folder, *options):
    """Peak in MiB, and seconds per megapixel: small images run several times, the best counts."""
    megapixels = size[0] * size[1] / 1e6
    image = tool.noise_tiff(folder, *size, 1)
    reports = []
    for _ in range(1 if megapixels > 100 else 3 if megapixels > 10 else 9):
        report, message = tool.run(
            NETWORK, image, folder / "out.tif", "--memory", limit, "--threads", "2", *options
        )
        assert report is not None, message
        assert report["peak_rss_bytes"] <= report["memory_limit_bytes"], report
        reports.append(report)
    image.unlink()
    best = min(reports, key=lambda report: report["seconds"]["total"])
    peak = max(report["peak_rss_bytes"] for report in reports) / MEBIBYTE
    seconds = best["seconds"]["total"] / megapixels
    print(
        f"{size[1]:6} x {size[0]:<6}  {megapixels:6.0f} megapixels   "
        f"peak {peak:6.1f} MiB   {seconds * 1e3:5.1f} ms per megapixel   "
        f"{best['mode']}, {tool.size_text(best['tile'])}",
        flush=True,
    )
    return peak, seconds


def spread(values):
    return max(values) / min(values) - 1


def main(limit):
    with tempfile.TemporaryDirectory() as folder:
        _, times = zip(*(measure(size, limit, Path(folder)) for size in SQUARES), strict=True)
        peaks, _ = zip(
            *(measure(size, limit, Path(folder), "--step", "16") for size in COLUMNS), strict=True
        )
    print(
        f"limit {limit} kept; times per megapixel of squares differ by {spread(times):.1%}; "
        f"peaks over 8192 columns differ by {spread(peaks):.1%}"
    )
    return 0 if spread(peaks) <= PEAK_TOLERANCE and spread(times) <= TIME_TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "192M"))
