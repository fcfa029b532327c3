"""The same limit from 1 megapixel to 1 gigapixel: fails when the peak differs by a tenth, or the time per megapixel by 15 %.

    python bench/memory_flat.py [LIMIT]        about three minutes on two cores; 3 GB of disk

The image is a tiled 8-bit BigTIFF of one band, made on the spot; the network four convolutions of 8 channels
(tests/networks/programs/four_conv.pte). Needs numpy and tifffile (requirements/test.txt). The tool is $SECTILE_CLI, or
build/release/cli/sectile.
"""

import sys
import tempfile
from pathlib import Path

import tool

SIDES = [1024, 8192, 32768]
NETWORK = tool.PROGRAMS / "four_conv.pte"
PEAK_TOLERANCE = 0.10
TIME_TOLERANCE = 0.15
MEBIBYTE = 1 << 20


def measure(side, limit, folder):
    """Peak in MiB and seconds per megapixel: of the best of three runs for images that take little time."""
    image = tool.noise_tiff(folder, side, side, 1)
    reports = []
    for _ in range(1 if side > 10000 else 3):
        report, message = tool.run(NETWORK, image, folder / "out.tif", "--memory", limit, "--threads", "2")
        assert report is not None, message
        assert report["peak_rss_bytes"] <= report["memory_limit_bytes"], report
        reports.append(report)
    best = min(reports, key=lambda report: report["seconds"]["total"])
    peak = max(report["peak_rss_bytes"] for report in reports) / MEBIBYTE
    seconds = best["seconds"]["total"] / (side * side / 1e6)
    print(f"{side * side / 1e6:8.0f} megapixels   peak {peak:7.1f} MiB   {seconds * 1e3:6.1f} ms per megapixel   "
          f"{best['mode']}, tile {tool.size_text(best['tile'])}, {best['workers']} workers", flush=True)
    return peak, seconds


def spread(values):
    return max(values) / min(values) - 1


def main(limit):
    with tempfile.TemporaryDirectory() as folder:
        peaks, times = zip(*(measure(side, limit, Path(folder)) for side in SIDES))
    print(f"peaks differ by {spread(peaks):.1%}, times per megapixel by {spread(times):.1%}")
    return 0 if spread(peaks) <= PEAK_TOLERANCE and spread(times) <= TIME_TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "192M"))
