"""Networks with kernels of ExecuTorch that compute values between the delegates.

The exporter leaves them outside XNNPACK. Sectile keeps them as calls in the programs that it
writes.
"""

import torch
from torch import nn
from torch.nn import functional as F

from definition import Network
from layers import Do, chain, conv, conv_relu, depthwise


def around(*layers, channels=5, **options):
    """`layers` between 3x3 convolutions of so many channels."""
    options = {"mixed": True, **options}
    return Network(lambda: chain(conv(2, channels), *layers, conv(channels, 2)), **options)


def positive(*layers, **options):
    return around(*layers, positive=True, **options)


class LayerNorm(nn.Module):
    """Over the channels of each pixel, as ConvNeXt has it: permuted there and back."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x):
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ChannelNorm(nn.Module):
    """The same written out over dim 1, as restoration networks have it."""

    def __init__(self, channels):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.shift = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x):
        centred = x - x.mean(1, keepdim=True)
        variance = centred.pow(2).mean(1, keepdim=True)
        return self.scale * centred / torch.sqrt(variance + 1e-6) + self.shift


class ConvNeXtBlock(nn.Module):
    """Depthwise 7x7, layer norm, pointwise there and back, in channels-last layout."""

    def __init__(self, channels):
        super().__init__()
        self.depthwise = depthwise(channels, 7)
        self.norm = nn.LayerNorm(channels)
        self.wide = nn.Linear(channels, 2 * channels)
        self.narrow = nn.Linear(2 * channels, channels)
        self.scale = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.scale * self.narrow(F.gelu(self.wide(y)))
        return x + y.permute(0, 3, 1, 2)


class ConvolutionalBlock(nn.Module):
    """The block with 1x1 convolutions in the place of the linear layers."""

    def __init__(self, channels):
        super().__init__()
        self.depthwise = depthwise(channels, 7)
        self.norm = LayerNorm(channels)
        self.body = chain(
            conv(channels, 2 * channels, 1), nn.GELU(), conv(2 * channels, channels, 1)
        )

    def forward(self, x):
        return x + self.body(self.norm(self.depthwise(x)))


class ConvNeXtUNet(nn.Module):
    """One level down by a strided convolution and up again by a transposed one."""

    def __init__(self, inputs=3, width=6):
        super().__init__()
        self.stem = chain(conv(inputs, width), LayerNorm(width))
        self.down = chain(LayerNorm(width), nn.Conv2d(width, 2 * width, 2, 2))
        self.middle = chain(ConvolutionalBlock(2 * width), ConvNeXtBlock(2 * width), nn.Mish())
        self.up = nn.ConvTranspose2d(2 * width, width, 2, 2)
        self.head = conv(2 * width, 2)

    def forward(self, x):
        x = self.stem(x)
        y = self.up(self.middle(self.down(x)))
        return self.head(torch.cat([x, y], dim=1)).softmax(1)


def replace_first(x):
    y = x.clone()
    y[:, :2] = x[:, 3:5]
    return y


def exchange(x):
    y = x.clone()
    y[:, [0, 2]] = 0.5 * x[:, [3, 1]]
    return y


ELEMENTWISE = {
    "mish": around(nn.Mish()),
    "elu": positive(nn.ELU()),
    "selu": around(nn.SELU()),
    "celu": around(nn.CELU()),
    "softplus": positive(nn.Softplus()),
    "log_sigmoid": around(nn.LogSigmoid()),
    "softshrink": around(nn.Softshrink()),
    "threshold": around(nn.Threshold(0.1, 0.2)),
    "log1p": positive(lambda x: torch.log1p(x.abs())),
    "cubed": around(lambda x: x**3),
    "sign_round": around(lambda x: torch.sign(x) + torch.round(x)),
    "where": positive(lambda x: torch.where(x > 0.3, x, 0.1 * x)),
    "arc_tangent": around(torch.atan),
    "error_function": around(torch.erf),
    "truths": around(
        lambda x: x * ((x > 0) & ~(x > 1) | torch.isnan(x)) + (x < 0).any(1, keepdim=True).float()
    ),
    "lerp": positive(lambda x: torch.lerp(x, 2 * x.relu(), 0.3)),
    # The kernel takes the image itself, and gives the output itself.
    "kernel_at_both_ends": Network(
        lambda: chain(nn.ELU(), conv(2, 2), lambda x: torch.log1p(x.abs())), mixed=True
    ),
    "kernel_alone": Network(lambda: chain(nn.ELU()), mixed=True),
    "kernel_at_both_ends_channels_last": Network(
        lambda: chain(nn.ELU(), conv(2, 2), nn.SELU()), mixed=True, channels_last=True
    ),
}

OVER_CHANNELS = {
    "layer_norm": around(LayerNorm(20), channels=20),
    "channel_norm": around(ChannelNorm(20), channels=20),
    "channel_mean": positive(lambda x: x + x.mean(1, keepdim=True), channels=20),
    "channel_mean_dropped": positive(lambda x: x + x.mean(1).unsqueeze(1)),
    "channel_sum": positive(lambda x: x + x.sum(1, keepdim=True), channels=20),
    "channel_extremes": around(
        lambda x: x - x.amax(1, keepdim=True) + x.amin(1, keepdim=True), channels=20
    ),
    "channel_variance": around(lambda x: x / (x.var(1, keepdim=True) + 1), channels=20),
    "channel_length": around(lambda x: F.normalize(x, dim=1), channels=20),
    "channel_softmax": around(lambda x: x.softmax(1), channels=20),
    "channel_log_softmax": around(lambda x: x.log_softmax(1), channels=20),
    "channel_product": around(
        lambda x: x * x.prod(1, keepdim=True) + x.min(1, keepdim=True).values
    ),
    "cosine_similarity": around(
        lambda x: x * F.cosine_similarity(x, x.flip(1), dim=1).unsqueeze(1)
    ),
    "running_sum": positive(lambda x: x.cumsum(1), channels=20),
    "segmenter_softmax": Network(
        lambda: chain(conv_relu(3, 6), conv(6, 4), lambda x: x.softmax(1)), channels=3, mixed=True
    ),
    "convnext_unet": Network(ConvNeXtUNet, channels=3, step=2, mixed=True),
}

PICKED = {
    # The exporter puts the images one above the other, and takes them apart again.
    "stacked": positive(
        lambda x: torch.stack([x[:, :3], x[:, 3:]], dim=2).flatten(1, 2), channels=6
    ),
    "stacked_one_by_one": positive(
        lambda x: torch.stack([2 * image for image in x.unbind(1)], dim=1), channels=6
    ),
    "flipped_channels": positive(lambda x: x.flip(1)),
    "rolled_channels": positive(lambda x: x.roll(2, 1)),
    "picked_channels": positive(lambda x: x[:, [3, 1, 0, 4, 2]]),
    "expanded_channel": positive(lambda x: x[:, :1].expand(-1, 5, -1, -1) * 1.5),
    "repeated_channels": positive(lambda x: x.repeat(1, 2, 1, 1)[:, 3:8]),
    "replaced_channels": positive(replace_first),
    "exchanged_channels": around(exchange),
    # YOLO's focus: every second row and column, as channels. Not positive: the derived reach takes
    # whole groups of rows, of which one is used.
    "focus": around(
        lambda x: torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., 1::2, 1::2]], dim=1)[
            :, :5
        ],
        step=2,
    ),
    "every_third": around(lambda x: x[:, :, ::3, 1::3], size=(21, 24), step=3),
    "every_second_channel": positive(
        lambda x: torch.cat([x[:, ::2], x[:, 1::2]], dim=1), channels=6
    ),
    "selected_channel": positive(
        Do(lambda a, x: a(x[:, 2].unsqueeze(1)), conv(1, 5)),
    ),
}


class DivisiveNorm(nn.Module):
    """Generalised divisive normalisation: a 1x1 convolution by weights that are computed."""

    def __init__(self, channels=5):
        super().__init__()
        self.gamma = nn.Parameter(torch.rand(channels, channels))
        self.beta = nn.Parameter(torch.rand(channels))

    def forward(self, x):
        gamma = torch.clamp(self.gamma, min=0.01) ** 2
        beta = torch.clamp(self.beta, min=0.1) ** 2
        return x * torch.rsqrt(F.conv2d(x * x, gamma[:, :, None, None], beta))


class WeightNorm(nn.Module):
    """A convolution by filters of length 1."""

    def __init__(self, inputs, outputs, kernel, **options):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(outputs, inputs, *kernel))
        self.bias = nn.Parameter(torch.rand(outputs))
        self.options = options

    def forward(self, x):
        length = self.weight.pow(2).sum((1, 2, 3), keepdim=True).sqrt()
        return F.conv2d(x, self.weight / length, self.bias, **self.options)


class PixelDifferences(nn.Module):
    """Pixels further out minus those next to the middle, as edge detectors have it: the 5x5 filter
    is put together from a 3x3 one."""

    OUTER = (0, 2, 4, 10, 14, 20, 22, 24)
    INNER = (6, 7, 8, 11, 13, 16, 17, 18)
    MIDDLE = 12

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(channels, 1, 9))

    def forward(self, x):
        outer = self.weight[:, :, 1:]
        filters = torch.zeros(*self.weight.shape[:2], 25)
        filters[:, :, self.OUTER] = outer
        filters[:, :, self.INNER] = -outer
        filters[:, :, self.MIDDLE] = self.weight.sum()
        filters = filters.view(-1, 1, 5, 5)
        return F.conv2d(x, filters, padding=2, groups=filters.shape[0])


class CentralDifferences(nn.Module):
    """The middle of each 3x3 filter is lowered by their sum, written as a sum over constants."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(channels, channels, 3, 3))

    def forward(self, x):
        sums = self.weight.sum((2, 3), keepdim=True)
        return F.conv2d(x, self.weight, padding=1) - F.conv2d(x, sums)


COMPUTED = {
    "divisive_norm": around(DivisiveNorm()),
    "weight_norm": positive(WeightNorm(5, 5, (3, 3), padding=1)),
    "weight_norm_strided": positive(
        WeightNorm(5, 5, (5, 3), stride=(3, 2), padding=(2, 1), dilation=(1, 2)), size=(24, 20)
    ),
    "pixel_differences": around(PixelDifferences(5)),
    "central_differences": around(CentralDifferences(5)),
    # Exported without XNNPACK.
    "convolution_alone": Network(lambda: conv(2, 3), delegate="none", mixed=True),
    "portable": Network(
        lambda: chain(conv_relu(2, 3), conv(3, 2, stride=2)), delegate="none", mixed=True
    ),
}

# Averages that XNNPACK does not have.
POOLS = {
    "counted_average": positive(nn.AvgPool2d(3, 1, 1)),
    "counted_average_strided": positive(nn.AvgPool2d((5, 3), (2, 3), (2, 1))),
    "counted_average_alone": Network(lambda: nn.AvgPool2d(3, 1, 1), mixed=True),
    "area_half": positive(
        lambda x: F.interpolate(x, scale_factor=0.5, mode="area"), size=(72, 68), step=2
    ),
    "adaptive_parts": positive(
        lambda x: F.adaptive_avg_pool2d(x, (x.shape[2] // 2, x.shape[3] // 4)),
        size=(72, 144),
        step=4,
    ),
    "ceil_average": positive(nn.AvgPool2d(2, ceil_mode=True), step=2),
    "divided_sum": positive(nn.AvgPool2d((3, 2), (1, 2), divisor_override=4)),
}

KERNELS = {**COMPUTED, **POOLS, **ELEMENTWISE, **OVER_CHANNELS, **PICKED}
