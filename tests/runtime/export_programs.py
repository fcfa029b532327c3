"""Exports the small programs that the tests of src/runtime load.

    python export_programs.py [FOLDER]      (default: programs/ beside this file)

Needs torch 2.13.0 and executorch 1.5.0. Weights come from a fixed seed, and every file is smaller
than 64 KiB. The files are committed, so that building and testing need no PyTorch; run this again
only to add or change one.
"""

import sys
from pathlib import Path

import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import ExecutorchBackendConfig, to_edge_transform_and_lower
from executorch.exir.passes import MemoryPlanningPass
from torch import nn


class TwoConvs(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.second = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))


class Heavy(nn.Module):
    """One 5x5 convolution of 16 channels, 12 times: much work, little memory, few weights."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(16, 16, 5, padding=2)

    def forward(self, x):
        for _ in range(12):
            x = torch.relu(self.conv(x))
        return x


class GroupNormBetween(nn.Module):
    """Two XNNPACK delegates with an aten kernel and a planned arena between them."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.GroupNorm(2, 8)
        self.second = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x):
        return self.second(self.norm(self.first(x)))


class PickRows(nn.Module):
    """The first two values are row numbers; those outside the image make execute fail."""

    def forward(self, x):
        rows = x[0, 0, 0, :2].to(torch.int64)
        return torch.index_select(x * 2.0, 2, rows)


class AddOne(nn.Module):
    def forward(self, x):
        return x + 1.0


class AddTwo(nn.Module):
    def forward(self, x, y):
        return x + y


class Twice(nn.Module):
    def forward(self, x):
        return x + x


class Same(nn.Module):
    def forward(self, x):
        return x


UNPLANNED = MemoryPlanningPass(alloc_graph_input=False, alloc_graph_output=False)


def export(path, model, inputs, planned=False):
    export_methods(path, {"forward": (model, inputs)}, planned)


def export_methods(path, methods, planned=False):
    exported = {
        name: torch.export.export(model.eval(), inputs) for name, (model, inputs) in methods.items()
    }
    edge = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()])
    config = (
        ExecutorchBackendConfig()
        if planned
        else ExecutorchBackendConfig(memory_planning_pass=UNPLANNED)
    )
    with path.open("wb") as file:
        edge.to_executorch(config).write_to_file(file)
    print(path.name, path.stat().st_size, "bytes")


def test_values(*shape):
    """The same values as test_values() of programs.cpp."""
    count = torch.Size(shape).numel()
    return ((torch.arange(count) * 37 % 101).float() / 64.0 - 0.5).reshape(shape)


def write_expected(path, model, *shape):
    """What PyTorch computes from test_values: float32, planar."""
    with torch.no_grad():
        values = model.eval()(test_values(*shape)).contiguous()
    path.write_bytes(values.numpy().tobytes())


def seeded(model_type):
    torch.manual_seed(7)
    return model_type()


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "programs"
    folder.mkdir(parents=True, exist_ok=True)
    image = torch.zeros(1, 3, 16, 20)
    interleaved = image.to(memory_format=torch.channels_last)
    export(folder / "two_convs_planned.pte", seeded(TwoConvs), (image,), planned=True)
    export(folder / "two_convs.pte", seeded(TwoConvs), (image,))
    export(folder / "two_convs_interleaved.pte", seeded(TwoConvs), (interleaved,))
    heavy_and_light = {
        "heavy": (seeded(Heavy), (torch.zeros(1, 16, 256, 256),)),
        "light": (seeded(TwoConvs), (image,)),
    }
    export_methods(folder / "heavy_and_light.pte", heavy_and_light)
    export(folder / "group_norm.pte", seeded(GroupNormBetween), (image,))
    export(folder / "pick_rows.pte", PickRows(), (torch.zeros(1, 1, 16, 20),))
    export(folder / "add_one.pte", AddOne(), (image,))
    export(folder / "add_two.pte", AddTwo(), (image, image))
    export(folder / "double.pte", Twice(), (image.double(),))
    export(folder / "same.pte", Same(), (image,))
    write_expected(folder / "two_convs.f32", seeded(TwoConvs), *image.shape)
    write_expected(folder / "group_norm.f32", seeded(GroupNormBetween), *image.shape)


if __name__ == "__main__":
    main()
