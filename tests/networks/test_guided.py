"""Inputs of several sizes: Sectile's run over files against ExecuTorch's on the inputs themselves.

The expected bits come from fresh exports, which know nothing of how Sectile puts inputs into one
image.
"""

import numpy
import pytest
import tifffile
import torch

import export
from guided import GUIDED
from test_resize import SIZES, image, run

OUTPUT = ["--output-type", "f32", "--co", "COMPRESS=NONE", "--co", "INTERLEAVE=BAND", "--quiet"]
PLANS = (
    ["--mode", "whole"],
    ["--tile", "21x20"],
    ["--mode", "stream", "--threads", "2"],
    ["--step", "2"],
)


def write(path, values):
    tifffile.imwrite(path, values.numpy(), photometric="minisblack", planarconfig="separate")


def read(path):
    values = tifffile.imread(path)
    return torch.from_numpy(values if values.ndim == 3 else values[None])


def write_inputs(folder, inputs):
    """As files, and the arguments that name them, the output between the first and the others."""
    files = [folder / f"in{i}.tif" for i in range(len(inputs))]
    for path, values in zip(files, inputs, strict=True):
        write(path, values[0])
    others = [f"--more-input={path}" for path in files[1:]]
    return files[0], others


def accepted(size, step):
    return tuple(-(-side // step) * step for side in size)


def enlarged(x, size, to):
    """The input with its last row and column repeated, as the image grows from `size` to `to`."""
    rows, columns = (x.shape[2 + i] // size[i] * (to[i] - size[i]) for i in (0, 1))
    return torch.from_numpy(numpy.pad(x.numpy(), ((0, 0), (0, 0), (0, rows), (0, columns)), "edge"))


def expected_outputs(fresh, method, network, inputs, size, extended):
    inputs = [enlarged(x, size, extended) for x in inputs]
    if network.channels_last:
        inputs = [x.to(memory_format=torch.channels_last) for x in inputs]
    outputs = run(fresh, method, inputs)
    return [
        y[:, :, : y.shape[2] * size[0] // extended[0], : y.shape[3] * size[1] // extended[1]]
        for y in outputs
    ]


@pytest.mark.parametrize("name", GUIDED)
def test_files_of_several_sizes_give_the_bits_of_separate_inputs(name, sectile, tmp_path):
    network = GUIDED[name]
    sizes = {"first": SIZES[0], "second": SIZES[1], "third": SIZES[2]}
    if not network.channels_last:  # PyTorch does not tell layouts apart where there is one row
        sizes |= {"low": (1, 9), "point": (1, 1)}
    extended = {method: accepted(size, network.step) for method, size in sizes.items()}
    export.export_methods(name, extended, tmp_path / "fresh.pte")
    for method, size in sizes.items():
        inputs = [image(shape) + i for i, shape in enumerate(network.input_shapes(*size))]
        first, others = write_inputs(tmp_path, inputs)
        expected = expected_outputs(
            tmp_path / "fresh.pte", method, network, inputs, size, extended[method]
        )
        for index, y in enumerate(expected):
            which = ["--method", f"forward.{index}"] if network.output_sizes > 1 else []
            assert size == (1, 1) or y.std() > 0
            for plan in PLANS if min(size) > 20 else PLANS[:1]:
                out = tmp_path / "out.tif"
                program = export.PROGRAMS / f"{name}.pte"
                sectile("run", program, first, out, *others, *which, *plan, *OUTPUT, "--overwrite")
                assert torch.equal(read(out), y[0]), f"{size}, {plan}, output {index}"
