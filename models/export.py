"""Exports a demo network with its committed weights to an ExecuTorch program.

    python models/export.py NAME HEIGHT WIDTH OUT.pte        NAME: denoise, cells, ...

This is the plain default export for XNNPACK, with nothing in it for Sectile's sake.
"""

import argparse
import pathlib

import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import to_edge_transform_and_lower

from networks import NETWORKS

WEIGHTS = pathlib.Path(__file__).parent / "weights"


def load_network(name: str) -> torch.nn.Module:
    network = NETWORKS[name]()
    network.load_state_dict(torch.load(WEIGHTS / f"{name}.pt", weights_only=True))
    return network.eval()


def export_program(network: torch.nn.Module, height: int, width: int):
    """Returns ExecuTorch's program manager; its `buffer` holds the bytes of the .pte file."""
    exported = torch.export.export(network, (torch.zeros(1, 3, height, width),))
    lowered = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()])
    return lowered.to_executorch()


def main() -> None:
    parser = argparse.ArgumentParser(description="Export a demo network to an ExecuTorch program.")
    parser.add_argument("name", choices=sorted(NETWORKS))
    parser.add_argument("height", type=int)
    parser.add_argument("width", type=int)
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    program = export_program(load_network(options.name), options.height, options.width)
    with options.out.open("wb") as file:
        program.write_to_file(file)


if __name__ == "__main__":
    main()
