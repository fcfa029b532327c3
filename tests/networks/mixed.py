"""Networks of which parts stay outside XNNPACK, or that have several inputs or outputs.

Kernels that only move values (nearest upsampling, mirrored and repeated edges, splits) stand
between the delegates of their programs. Sectile joins them into one network.
"""

import torch
from torch import nn
from torch.nn import functional as F

from definition import Network
from layers import Do, chain, conv, conv_norm_relu, conv_relu, depthwise, resized_by


def mixed(make, **options):
    return Network(make, mixed=True, **options)


def positive(make, **options):
    return Network(make, mixed=True, positive=True, **options)


def nearest(factor):
    return nn.Upsample(scale_factor=factor)


def exactly(factor):
    return nn.Upsample(scale_factor=factor, mode="nearest-exact")


def bicubic(factor):
    return nn.Upsample(scale_factor=factor, mode="bicubic")


def like(x, other):
    """x upsampled to the size of `other`, as pyramids and U-Nets often do it."""
    return F.interpolate(x, size=other.shape[2:], mode="nearest")


class NearestUNet(nn.Module):
    """Pools on the way down, nearest upsampling on the way up."""

    def __init__(self, depth=2, inputs=3, outputs=2, base=3):
        super().__init__()
        width = [base + 2 * level for level in range(depth + 1)]
        self.encoders = nn.ModuleList(
            conv_norm_relu(inputs if level == 0 else width[level - 1], width[level])
            for level in range(depth)
        )
        self.middle = conv_norm_relu(width[depth - 1], width[depth])
        self.decoders = nn.ModuleList(
            conv_norm_relu(width[level] + width[level + 1], width[level]) for level in range(depth)
        )
        self.head = nn.Conv2d(base, outputs, 1)

    def forward(self, x):
        skips = []
        for encoder in self.encoders:
            skips.append(encoder(x))
            x = F.max_pool2d(skips[-1], 2)
        x = self.middle(x)
        for decoder, skip in reversed(list(zip(self.decoders, skips, strict=True))):
            x = decoder(torch.cat([like(x, skip), skip], dim=1))
        return self.head(x)


class ReflectUNet(nn.Module):
    """One level down and up again, every convolution padded by mirrored edges."""

    def __init__(self, mode="reflect"):
        super().__init__()
        self.first = conv(2, 3, padding_mode=mode)
        self.middle = conv(3, 3, 5, padding_mode=mode)
        self.last = conv(6, 2, padding_mode=mode)

    def forward(self, x):
        skip = F.relu(self.first(x))
        down = F.relu(self.middle(F.max_pool2d(skip, 2)))
        return self.last(torch.cat([F.interpolate(down, scale_factor=2), skip], dim=1))


class Heads(nn.Module):
    """One trunk, two outputs; `stride` of the second."""

    def __init__(self, stride=1):
        super().__init__()
        self.trunk = conv_relu(2, 4)
        self.near = conv(4, 3)
        self.far = conv(4, 2, 5, stride=stride)

    def forward(self, x):
        features = self.trunk(x)
        return self.near(features), self.far(features)


def padded(mode, *amounts):
    return Do(lambda a, x: a(F.pad(x, amounts, mode=mode)), conv(2, 3, padding=0))


NEAREST = {
    "nearest_up2": positive(lambda: chain(conv_relu(2, 3), nearest(2), conv(3, 2))),
    "nearest_up3_wide": positive(lambda: chain(conv_relu(2, 3), nearest((1, 3)), conv(3, 2))),
    "nearest_up8": positive(lambda: chain(conv_relu(2, 3), nearest(8))),
    "nearest_first": positive(lambda: chain(nearest(2), conv(2, 3, stride=2))),
    "nearest_down_up": positive(
        lambda: Do(
            lambda a, b, x: b(torch.cat([like(a(x), x), x], 1)),
            conv_relu(2, 3, stride=2),
            conv(5, 2),
        ),
        step=2,
    ),
    "unet1_nearest": positive(lambda: NearestUNet(1), channels=3, step=2),
    "unet3_nearest": positive(lambda: NearestUNet(3), channels=3, size=(48, 40), step=8),
}

# Rows and weights that the program computes from positions. Not positive: of a block some rows are
# not used, and bicubic weights are below zero.
BY_POSITION = {
    "nearest_half": mixed(lambda: chain(conv(2, 3), nearest(0.5), conv(3, 2)), step=2),
    "nearest_3_2": mixed(
        lambda: chain(conv(2, 3), lambda x: resized_by(x, 3, 2, "nearest"), conv(3, 2)), step=2
    ),
    "nearest_exact_up2": mixed(lambda: chain(conv_relu(2, 3), exactly(2), conv(3, 2))),
    "nearest_exact_half": mixed(lambda: chain(conv(2, 3), exactly(0.5), conv(3, 2)), step=2),
    "bicubic_up2": mixed(lambda: chain(conv_relu(2, 3), bicubic(2), conv(3, 2))),
    "bicubic_up4_wide": mixed(lambda: chain(conv_relu(2, 3), bicubic((2, 4)), conv(3, 2))),
    "bicubic_first": mixed(lambda: chain(bicubic(2), conv_relu(2, 4), conv(4, 2))),
    "bicubic_half": mixed(lambda: chain(conv(2, 3), bicubic(0.5), conv(3, 2)), step=2),
    "bicubic_down_up": mixed(
        lambda: Do(
            lambda a, b, c, d, x: d(b(c(a(x)))) + x,
            conv_relu(2, 3, stride=2),
            bicubic(2),
            conv_relu(3, 3),
            conv(3, 2),
        ),
        step=2,
    ),
}

EDGES = {
    "reflect": positive(lambda: padded("reflect", 1, 1, 1, 1)),
    "reflect_oblong": positive(lambda: padded("reflect", 1, 2, 3, 0)),
    "reflect_alone": positive(lambda: chain(nn.ReflectionPad2d(3), conv(2, 2, 1))),
    "reflect_deep": positive(
        lambda: chain(
            *(chain(conv(2, 2, padding_mode="reflect"), nn.ReLU()) for _ in range(3)),
            conv(2, 2, 5, padding_mode="reflect"),
        )
    ),
    "reflect_strided": positive(
        lambda: chain(
            conv(2, 3, 5, stride=2, padding_mode="reflect"),
            nn.ReLU(),
            conv(3, 2, padding_mode="reflect"),
        )
    ),
    "reflect_unet": positive(lambda: ReflectUNet(), step=2),
    "reflect_depthwise": positive(
        lambda: chain(depthwise(2, 7, padding_mode="reflect"), conv(2, 3, 1))
    ),
    "repeat": positive(lambda: padded("replicate", 1, 1, 1, 1)),
    "repeat_oblong": positive(lambda: padded("replicate", 0, 3, 2, 1)),
    "repeat_deep": positive(
        lambda: chain(
            *(chain(conv(2, 2, 5, padding_mode="replicate"), nn.ReLU()) for _ in range(3)),
        )
    ),
    "repeat_unet": positive(lambda: ReflectUNet("replicate"), step=2),
}

OTHERS = {
    "scalar_integer": mixed(lambda: chain(conv(2, 3), lambda x: 2 * x + 1)),
    "hardsigmoid": mixed(lambda: chain(conv(2, 3), nn.Hardsigmoid(), conv(3, 2))),
    "chunk": positive(lambda: chain(conv(2, 6), lambda x: x.chunk(2, 1), lambda ab: ab[0] * ab[1])),
    "split_uneven": positive(
        lambda: chain(
            conv(2, 6), lambda x: torch.split(x, [1, 3, 2], 1), lambda p: p[1] + p[0], conv(3, 2)
        )
    ),
}

SEVERAL = {
    "two_inputs": positive(
        lambda: Do(lambda a, b, x, y: a(x) + b(y), conv(2, 3), conv(2, 3, 5)), inputs=2
    ),
    "three_inputs": positive(
        lambda: Do(lambda a, b, x, y, z: b(torch.cat([a(x) * y, z], 1)), conv(2, 2), conv(4, 3)),
        inputs=3,
    ),
    "two_outputs": positive(lambda: Heads()),
    "two_scales": positive(lambda: Heads(stride=2), output_sizes=2),
    "two_of_both": positive(
        lambda: Do(lambda a, b, x, y: (a(x) + y, b(y)), conv(2, 2), conv(2, 3, 5)), inputs=2
    ),
}

MIXED = {**NEAREST, **BY_POSITION, **EDGES, **OTHERS, **SEVERAL}
