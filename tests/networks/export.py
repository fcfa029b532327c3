"""Writes the test programs: `python tests/networks/export.py` makes programs/*.pte and programs/index.json anew.

Needs torch and executorch as pinned in the repository's requirements; takes a minute or two. The files come out the same, bit for bit, each time.
"""

import argparse
import json
import logging
import pathlib
import sys
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).parent))
warnings.filterwarnings("ignore")

import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import ExecutorchBackendConfig, to_edge_transform_and_lower
from executorch.exir.passes import MemoryPlanningPass

from networks import ALL, seeded

PROGRAMS = pathlib.Path(__file__).parent / "programs"
POSITIVE = "_positive"


def split_name(name):
    """The network of a program, and whether the program is the positive one."""
    return (name.removesuffix(POSITIVE), True) if name.endswith(POSITIVE) else (name, False)


def program_names():
    for name, network in ALL.items():
        yield name
        if network.positive:
            yield name + POSITIVE


def example(network, height, width):
    x = torch.rand((1, network.channels, height, width), generator=torch.Generator().manual_seed(1))
    return x.to(memory_format=torch.channels_last) if network.channels_last else x


def capture(name, height, width):
    """The network at one size as PyTorch's own exported program."""
    network_name, positive = split_name(name)
    network = ALL[network_name]
    module = seeded(network_name, positive)
    inputs = (example(network, height, width),) * network.inputs
    with torch.no_grad():
        return torch.export.export(module, inputs, strict=True)


def lower(name, methods):
    """Lowers `methods` (name -> (height, width)) of one network into one program."""
    network = ALL[split_name(name)[0]]
    captured = {method: capture(name, *size) for method, size in methods.items()}
    edge = to_edge_transform_and_lower(
        captured, partitioner=[XnnpackPartitioner()] if network.delegate else []
    )
    planning = MemoryPlanningPass(
        alloc_graph_input=network.planned, alloc_graph_output=network.planned
    )
    return edge.to_executorch(ExecutorchBackendConfig(memory_planning_pass=planning))


def export_methods(name, methods, path):
    with open(path, "wb") as file:
        lower(name, methods).write_to_file(file)


def export_network(name, height, width, path):
    """Writes network `name` (of NETWORKS or REFUSED, or NAME_positive) at this size to `path`."""
    export_methods(name, {"forward": (height, width)}, path)


def default_methods(name):
    network = ALL[split_name(name)[0]]
    return network.methods or {"forward": network.size}


def index_entry(name):
    network_name, positive = split_name(name)
    network = ALL[network_name]
    return {
        "name": name,
        "file": f"{name}.pte",
        "network": network_name,
        "positive": positive,
        "channels": network.channels,
        "height": network.size[0],
        "width": network.size[1],
        "step": network.step,
        "methods": {m: list(size) for m, size in default_methods(name).items()},
        "verdict": network.verdict,
        "blocker": network.blocker,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="write only these programs")
    names = parser.parse_args().names or list(program_names())
    PROGRAMS.mkdir(exist_ok=True)
    logging.disable(logging.WARNING)
    for name in names:
        export_methods(name, default_methods(name), PROGRAMS / f"{name}.pte")
    index = [index_entry(name) for name in program_names()]
    (PROGRAMS / "index.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    main()
