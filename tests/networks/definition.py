"""What a test network is: how to build and export it, what Sectile must say of it, its weights."""

import dataclasses
import typing
import zlib

import torch
from torch import nn


@dataclasses.dataclass(frozen=True)
class Network:
    """How to build a network and how to export it. Sizes are (height, width) in pixels."""

    make: typing.Callable[[], nn.Module]
    channels: int = 2
    size: tuple[int, int] = (24, 20)
    step: int = 1  # accepts the heights and widths that are multiples of this
    positive: bool = False  # there is a NAME_positive too
    channels_last: bool = False  # exported for input in NHWC order
    planned: bool = True  # False: input and output get no planned memory
    dynamic: tuple[int, int] | None = None  # the upper bounds, where height and width are dynamic
    methods: dict[str, tuple[int, int]] | None = None  # several sizes in one program
    inputs: int = 1  # each of `channels`
    # Rows and columns of each input for one of `size`; empty: all have that size.
    scales: tuple[tuple[float, float], ...] = ()
    output_sizes: int = 1  # outputs, each of another size
    mixed: bool = False  # kernels stand beside or between its delegates
    precision: str = "float32"  # or "float16", "int8", "int8_channels", "int8_dynamic"
    delegate: str = "xnnpack"  # or "vulkan", "none" (portable kernels only)
    streams: bool = True  # False: runs in tiles only
    passes: int = 1  # over the image, where it is exact
    facts: str = ""  # what its constant method "sectile" returns; empty: it has none
    verdict: str = "exact"  # or "not_exact", "unsupported"
    blocker: str = ""  # part of the name of the operator, or of the reason, that the verdict names

    def input_shapes(self, height, width):
        """Of the inputs' tensors, where the image has this size."""
        scales = self.scales or ((1, 1),) * self.inputs
        return [(1, self.channels, int(height * y), int(width * x)) for y, x in scales]

    def is_calibrated(self):
        """Whether the exporter runs it to find the scales of its values."""
        return self.precision.startswith("int8")

    def bands(self):
        """Of all inputs as one image: larger ones have a band for each pixel of a block."""
        return sum(c * y * x for _, c, y, x in self.input_shapes(1, 1))


def seed_weights(module, name, positive):
    """Gives all weights of `module` values that follow from `name`."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    for layer in module.modules():
        own = [*layer.named_parameters(recurse=False), *layer.named_buffers(recurse=False)]
        for key, tensor in own:
            if tensor.is_floating_point():
                tensor.data = _weights(layer, key, tensor.shape, generator, positive)


def _weights(layer, key, shape, generator, positive):
    """Values that keep signals near 1 through the layers (positive: a mean of the input)."""
    uniform = torch.rand(shape, generator=generator)
    if isinstance(layer, nn.BatchNorm2d):
        return -uniform if positive and key == "running_mean" else uniform + 0.5
    if isinstance(layer, nn.PReLU):
        return uniform / 2
    if key == "bias":
        return uniform / 10 if positive else uniform - 0.5
    fan_in = max(1, torch.Size(shape[1:]).numel())
    if positive:
        return (uniform + 0.5) / fan_in
    return (2 * uniform - 1) * (3 / fan_in) ** 0.5
