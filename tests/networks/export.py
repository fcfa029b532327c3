"""Writes the test programs: `python tests/networks/export.py` makes programs/ anew, with its index.

Needs torch and executorch as the repository pins them; takes five minutes of one core. The files
come out the same, bit for bit, each time; those of calibrated int8 networks on the same kind of
processor, because the sums behind their scales are PyTorch's.
"""

import argparse
import functools
import gc
import json
import logging
import pathlib
import sys
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).parent))
warnings.filterwarnings("ignore")

import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
    XNNPACKQuantizer,
    get_symmetric_quantization_config,
)
from executorch.exir import ExecutorchBackendConfig, to_edge_transform_and_lower
from executorch.exir.passes import MemoryPlanningPass
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

from definition import Network, seed_weights
from networks import NETWORKS
from refused import REFUSED

ALL = {**NETWORKS, **REFUSED}

PROGRAMS = pathlib.Path(__file__).parent / "programs"
POSITIVE = "_positive"

# Networks whose programs older exporters wrote (export_older.py), by ExecuTorch's version.
OLDER = {
    "1.4.1": ("conv3x3", "unet2", "efficient_sub_pixel"),
    "1.3.1": ("conv3x3", "unet2", "efficient_sub_pixel"),
    "1.2.0": ("conv3x3", "unet2", "hardswish", "bilinear_up2"),
    "1.0.1": ("conv3x3", "unet2", "hardswish", "bilinear_up2"),
    "0.7.0": ("conv3x3", "unet2", "bilinear_up2"),
}


def older_program(version, name):
    return f"exported_by_{version.replace('.', '_')}_{name}"


def split_name(name):
    """The network of a program, and whether the program is the positive one."""
    return (name.removesuffix(POSITIVE), True) if name.endswith(POSITIVE) else (name, False)


def program_names():
    for name, network in ALL.items():
        yield name
        if network.positive:
            yield name + POSITIVE


def example(network, shape, seed):
    """An input to export with; its values matter to int8 networks only, as their calibration."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(shape, generator=generator)
    x = x.half() if network.precision == "float16" else x
    return x.to(memory_format=torch.channels_last) if network.channels_last else x


def examples(network, height, width):
    """One for each input."""
    shapes = network.input_shapes(height, width)
    return tuple(example(network, shape, seed) for seed, shape in enumerate(shapes, 1))


def build(name):
    """The network of program `name` as a PyTorch module, with its weights."""
    network_name, positive = split_name(name)
    module = ALL[network_name].make().eval()
    seed_weights(module, network_name, positive)
    return module.half() if ALL[network_name].precision == "float16" else module


def dynamic_shapes(network):
    if network.dynamic is None:
        return None
    height, width = (
        torch.export.Dim(name, min=2, max=bound // network.step)
        for name, bound in zip(("height", "width"), network.dynamic, strict=True)
    )
    return ({2: network.step * height, 3: network.step * width},)


def quantise(module, network):
    """The module with the scales that inputs of the network's own size give, for any size."""
    inputs = examples(network, *network.size)
    config = get_symmetric_quantization_config(
        is_per_channel=network.precision != "int8", is_dynamic=network.precision == "int8_dynamic"
    )
    quantizer = XNNPACKQuantizer().set_global(config)
    least = max(2, 8 // network.step)  # strided layers want more than one row
    height, width = (network.step * torch.export.Dim(side, min=least, max=4096) for side in "yx")
    shapes = torch.export.ShapesCollection()
    for x in inputs:
        shapes[x] = {2: height, 3: width}
    captured = torch.export.export(module, inputs, dynamic_shapes=shapes)
    prepared = prepare_pt2e(captured.module(), quantizer)
    prepared(*inputs)
    return convert_pt2e(prepared)


@functools.lru_cache(maxsize=1)  # the methods of a program follow each other
def exportable(name):
    """The network of program `name` as it is exported at all sizes."""
    network = ALL[split_name(name)[0]]
    return quantise(build(name), network) if network.is_calibrated() else build(name)


def capture(name, height, width):
    """The network of program `name` at one size, as PyTorch's own exported program."""
    network = ALL[split_name(name)[0]]
    inputs = examples(network, height, width)
    with torch.no_grad():
        shapes = dynamic_shapes(network)
        return torch.export.export(exportable(name), inputs, dynamic_shapes=shapes)


def partitioners(delegate):
    if delegate == "vulkan":
        from executorch.backends.vulkan.partitioner.vulkan_partitioner import VulkanPartitioner

        return [VulkanPartitioner()]
    return [XnnpackPartitioner()] if delegate == "xnnpack" else []


def lower_captured(captured, network):
    """Lowers PyTorch's exported programs (method name -> program) into one ExecuTorch program."""
    constants = {"sectile": network.facts} if network.facts else None
    edge = to_edge_transform_and_lower(
        captured, partitioner=partitioners(network.delegate), constant_methods=constants
    )
    planning = MemoryPlanningPass(
        alloc_graph_input=network.planned, alloc_graph_output=network.planned
    )
    return edge.to_executorch(ExecutorchBackendConfig(memory_planning_pass=planning))


def lower(name, methods):
    """Lowers `methods` (name -> (height, width)) of one network into one program."""
    captured = {method: capture(name, *size) for method, size in methods.items()}
    return lower_captured(captured, ALL[split_name(name)[0]])


def kernels(program, method):
    """What a method calls, in order: "executorch_call_delegate" or the names of kernels."""
    graph = program.exported_program(method).graph
    calls = [node.target.__name__ for node in graph.nodes if node.op == "call_function"]
    return [name for name in calls if name not in ("getitem", "alloc")]


def check_one_delegate(name, program, methods):
    for method in methods:
        called = kernels(program, method)
        if called != ["executorch_call_delegate"]:
            raise RuntimeError(f"[export] {name} is not one delegate: {method} calls {called}")


def export_methods(name, methods, path):
    """Writes network `name` to `path`, one method (name -> (height, width)) for each size."""
    program = lower(name, methods)
    network = ALL[split_name(name)[0]]
    if network.verdict == "exact" and not network.mixed:
        check_one_delegate(name, program, methods)
    with path.open("wb") as file:
        program.write_to_file(file)


def export_module(module, methods, path, channels=3):
    """The same for a module that is none of the networks here."""
    inputs = {method: torch.zeros((1, channels, *size)) for method, size in methods.items()}
    captured = {method: torch.export.export(module, (x,)) for method, x in inputs.items()}
    with path.open("wb") as file:
        lower_captured(captured, Network(lambda: module)).write_to_file(file)


def export_network(name, height, width, path):
    """Writes network `name` (of NETWORKS or REFUSED, or NAME_positive) at this size to `path`."""
    export_methods(name, {"forward": (height, width)}, path)


def default_methods(name):
    network = ALL[split_name(name)[0]]
    return network.methods or {"forward": network.size}


def index_entry(name, program=None):
    """What the tests know of network `name`, exported as `program` (its own name by default)."""
    network_name, positive = split_name(name)
    network = ALL[network_name]
    program = program or name
    return {
        "name": program,
        "file": f"{program}.pte",
        "network": network_name,
        "positive": positive,
        "channels": network.bands(),
        "height": network.size[0],
        "width": network.size[1],
        "step": network.step,
        "channels_last": network.channels_last,
        "methods": {m: list(size) for m, size in default_methods(name).items()},
        "streams": network.streams,
        "passes": network.passes,
        "verdict": network.verdict,
        "blocker": network.blocker,
    }


def write_index():
    index = [index_entry(name) for name in program_names()]
    for version, names in OLDER.items():
        index += [index_entry(name, older_program(version, name)) for name in names]
    (PROGRAMS / "index.json").write_text(json.dumps(index, indent=1) + "\n")


def export_quickly():
    """Spares the garbage collector the modules of torch: exports then take a quarter less time."""
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    gc.freeze()
    gc.set_threshold(100_000)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="write only these programs")
    names = parser.parse_args().names
    PROGRAMS.mkdir(exist_ok=True)
    export_quickly()
    for name in names or program_names():
        export_methods(name, default_methods(name), PROGRAMS / f"{name}.pte")
    write_index()


if __name__ == "__main__":
    main()
