"""Streams a network of reach 350 over 2048x2048 pixels within 512 MiB.

Fails when it computes too much twice, holds too much memory, or when a value differs.

    python bench/deep_stream.py        about six minutes on two cores

350 convolutions of 16 channels in residual blocks, random weights, exported on the spot; tiles of
1024 pixels would do over nine times the work. One lane computes nothing twice (ratio at most
1.001), two lanes at most 1.4 times the whole. A crop is verified bit by bit. Needs torch
(requirements/test.txt). The tool is $SECTILE_CLI, or build/release/cli/sectile.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import to_edge_transform_and_lower

import tool

SIDE = 2048
LIMIT = "512M"
MOST_RATIO = {"1": 1.001, "2": 1.4}
MEBIBYTE = 1 << 20


class Block(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first = torch.nn.Conv2d(channels, channels, 3, padding=1)
        self.second = torch.nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return x + 0.1 * self.second(torch.relu(self.first(x)))


def export(path, blocks=174, channels=16):
    torch.manual_seed(1)
    convolution = torch.nn.Conv2d
    network = torch.nn.Sequential(
        convolution(3, channels, 3, padding=1),
        *(Block(channels) for _ in range(blocks)),
        convolution(channels, 3, 3, padding=1),
    ).eval()
    exported = torch.export.export(network, (torch.zeros(1, 3, 64, 64),), strict=True)
    program = to_edge_transform_and_lower(
        exported, partitioner=[XnnpackPartitioner()]
    ).to_executorch()
    with path.open("wb") as file:
        program.write_to_file(file)


def verify(network):
    done = subprocess.run(
        [tool.TOOL, "verify", network, "400x300", "--mode", "stream", "--threads", "2", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 3), done.stderr
    answer = json.loads(done.stdout)
    print(f"400x300: {answer['differing']} of {answer['values']} values differ", flush=True)
    return answer["differing"] == 0


def stream(network, image, output, threads):
    report, message = tool.run(network, image, output, "--memory", LIMIT, "--threads", threads)
    assert report is not None, message
    peak = report["peak_rss_bytes"] / MEBIBYTE
    print(
        f"{SIDE}x{SIDE}, {threads} threads: {report['mode']}, "
        f"steps of {tool.size_text(report['tile'])}, "
        f"{report['compute_ratio']:.4f} times the work of the whole image, peak {peak:.0f} MiB "
        f"(predicted {report['predicted_peak_bytes'] / MEBIBYTE:.0f}), "
        f"{report['seconds']['total']:.0f} s",
        flush=True,
    )
    return (
        report["compute_ratio"] <= MOST_RATIO[threads]
        and report["peak_rss_bytes"] <= report["memory_limit_bytes"]
    )


def main():
    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "deep.pte"
        export(network)
        image = tool.noise_tiff(Path(folder), SIDE, SIDE, 3)
        results = [verify(network)]
        results += [
            stream(network, image, Path(folder) / "out.tif", threads) for threads in MOST_RATIO
        ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
