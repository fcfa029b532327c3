"""The networks that the tests run: what Sectile must cut exactly (NETWORKS) and what it must refuse (REFUSED).

Each is a plain PyTorch definition; export.py turns it into programs/NAME.pte with the real exporter. All weights follow from the
name. A network with `positive` is exported a second time as NAME_positive, all its weights above zero: every path through it
then carries a change forward, so that the reach found by changing pixels is the reach that its layers define.
"""

import dataclasses
import typing
import zlib

import torch
from torch import nn
from torch.nn import functional as F

from layers import (
    Do,
    UNet,
    between,
    bilinear,
    chain,
    conv,
    conv_norm_relu,
    conv_relu,
    depthwise,
    transposed,
)


@dataclasses.dataclass(frozen=True)
class Network:
    """How to build a network and how to export it. Sizes are (height, width) in pixels."""

    make: typing.Callable[[], nn.Module]
    channels: int = 2
    size: tuple[int, int] = (24, 20)
    step: int = 1  # accepts heights and widths that are multiples of this
    positive: bool = False  # there is a NAME_positive too
    channels_last: bool = False  # exported for input in NHWC order
    planned: bool = True  # False: input and output get no planned memory
    dynamic: tuple[int, int] | None = None  # the upper bounds, where height and width are dynamic
    methods: dict[str, tuple[int, int]] | None = None  # several sizes in one program
    inputs: int = 1
    precision: str = "float32"  # or "float16", "int8" (static quantisation)
    delegate: bool = True  # False: portable kernels only
    verdict: str = "exact"  # or "not_exact", "unsupported"
    blocker: str = ""  # for a refused network: part of the name of the operator to blame


def seeded(name, positive):
    """The module of network `name` in evaluation mode, with weights that follow from the name."""
    module = ALL[name].make().eval()
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    for layer in module.modules():
        for key, tensor in [*layer.named_parameters(recurse=False), *layer.named_buffers(recurse=False)]:
            if tensor.is_floating_point():
                tensor.data = weights(layer, key, tensor.shape, generator, positive)
    return module


def weights(layer, key, shape, generator, positive):
    """Values that keep signals near 1 from layer to layer (positive: each output is a weighted mean)."""
    uniform = torch.rand(shape, generator=generator)
    if isinstance(layer, nn.BatchNorm2d):
        return -uniform if positive and key == "running_mean" else uniform + 0.5
    if key == "bias":
        return uniform / 10 if positive else uniform - 0.5
    fan_in = max(1, torch.Size(shape[1:]).numel())
    if isinstance(layer, nn.PReLU):
        return uniform / 2
    if positive:
        return (uniform + 0.5) / fan_in
    return (2 * uniform - 1) * (3 / fan_in) ** 0.5




NETWORKS = {
    # Convolutions.
    "conv3x3": Network(lambda: conv(2, 3), positive=True),
    "four_conv": Network(
        lambda: chain(conv_relu(1, 8), conv_relu(8, 8), conv_relu(8, 8), conv(8, 1)),
        channels=1,
        positive=True,
    ),
    "pointwise_only": Network(
        lambda: chain(conv_relu(3, 4, 1), nn.Conv2d(4, 2, 1)), channels=3, positive=True
    ),
    "conv_s2": Network(lambda: conv(2, 3, stride=2), positive=True),
    "conv_s3": Network(lambda: chain(conv(2, 3, 5, stride=3), conv_relu(3, 2)), positive=True),
    "unet1": Network(lambda: UNet(1), channels=3, step=2, positive=True),
    "unet2": Network(lambda: UNet(2), channels=3, size=(32, 24), step=4, positive=True),
    "pixel_shuffle2": Network(lambda: chain(conv(2, 8), nn.PixelShuffle(2)), positive=True),
    "transposed_k2s2": Network(lambda: chain(conv(2, 3), transposed(3, 2, 2, 2)), positive=True),
    "bilinear_up2": Network(lambda: chain(conv_relu(2, 3), lambda x: bilinear(x, 2)), positive=True),
    "max_pool2": Network(lambda: chain(conv_relu(2, 3), nn.MaxPool2d(2)), step=2, positive=True),
}

REFUSED = {
    "refused_global_pool": Network(
        lambda: chain(conv_relu(2, 3), nn.AdaptiveAvgPool2d(1), conv(3, 2, 1)),
        verdict="not_exact",
        blocker="XNNGlobalAvgPooling2d",
    ),
}

ALL = {**NETWORKS, **REFUSED}
