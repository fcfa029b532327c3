"""Networks that take statistics of the whole image: means of channels, and what is made of them."""

import torch
from torch import nn
from torch.nn import functional as F

from definition import Network
from layers import Do, chain, conv, conv_relu, transposed


def mean_of(x):
    return x.mean((2, 3), keepdim=True)


def gate(channels, squeezed=2):
    """The two layers of a squeeze-excite, at one pixel."""
    return chain(conv_relu(channels, squeezed, 1), conv(squeezed, channels, 1), nn.Sigmoid())


def squeeze_excite(channels):
    return Do(lambda a, x: x * a(mean_of(x)), gate(channels))


class LinearGate(nn.Module):
    """As most squeeze-excites are written: linear layers over a list of channels."""

    def __init__(self, channels):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.gate = nn.Sequential(
            nn.Linear(channels, 2), nn.ReLU(), nn.Linear(2, channels), nn.Hardsigmoid()
        )

    def forward(self, x):
        scale = self.gate(self.pool(x).flatten(1))
        return x * scale.view(1, -1, 1, 1)


class Scales(nn.Module):
    """A squeeze-excite at each of two resolutions: neither waits for the other."""

    def __init__(self):
        super().__init__()
        self.before, self.down, self.after = conv(2, 4), conv(4, 6, stride=2), conv(4, 2)
        self.wide, self.small, self.up = (
            squeeze_excite(4),
            squeeze_excite(6),
            transposed(6, 4, 2, 2),
        )

    def forward(self, x):
        x = F.relu(self.before(x))
        return self.after(self.wide(x) + self.up(self.small(self.down(x))))


class Pyramid(nn.Module):
    """The pooled branch of an atrous pyramid, brought to the size of the others."""

    def __init__(self, align_corners=False):
        super().__init__()
        self.before, self.wide, self.near = conv(2, 4, stride=2), conv(4, 3, dilation=3), conv(4, 3)
        self.pooled, self.after = conv_relu(4, 3, 1), conv(9, 2)
        self.align_corners = align_corners

    def forward(self, x):
        x = F.relu(self.before(x))
        pooled = F.interpolate(
            self.pooled(mean_of(x)),
            size=x.shape[2:],
            mode="bilinear",
            align_corners=self.align_corners,
        )
        return self.after(torch.cat([pooled, self.wide(x), self.near(x)], 1))


def whitened(x):
    """Layer norm by hand: the second mean depends on the first."""
    x = x - mean_of(x)
    return x * torch.rsqrt(mean_of(x * x) + 1e-3)


def two_squares(x):
    square = x * x
    return x / (mean_of(square) + 1) + square


def parallel(x):
    """Two statistics of one image and one of another, none of which depends on the others."""
    return x * mean_of(x) + mean_of(F.relu(x)) + mean_of(x * x)


def response_norm(x):
    """ConvNeXt V2's: the length of each channel against that of the others."""
    length = x.norm(p=2, dim=(2, 3), keepdim=True)
    return x * (length / (length.mean(1, keepdim=True) + 1e-6)) + x


class SelectiveKernel(nn.Module):
    """Two convolutions, of which the mean of their sum chooses, channel by channel."""

    def __init__(self, channels):
        super().__init__()
        self.near, self.wide = conv(channels, channels), conv(channels, channels, dilation=2)
        self.gate = chain(conv_relu(channels, 2, 1), conv(2, 2 * channels, 1))

    def forward(self, x):
        both = torch.stack([self.near(x), self.wide(x)], 1)
        share = self.gate(mean_of(both.sum(1))).view(1, 2, -1, 1, 1).softmax(1)
        return (both * share).sum(1)


def average_and_largest(a, x):
    return x * torch.sigmoid(a(mean_of(x)) + a(x.amax((2, 3), keepdim=True)))


class InstanceUNet(nn.Module):
    """As MONAI's: an instance norm after each convolution."""

    def __init__(self):
        super().__init__()
        self.top, self.down, self.low = norm_block(2, 4), norm_block(4, 6, 2), norm_block(6, 6)
        self.up, self.joined, self.after = transposed(6, 4, 2, 2), norm_block(8, 4), conv(4, 2, 1)

    def forward(self, x):
        top = self.top(x)
        low = self.up(self.low(self.down(top)))
        return self.after(self.joined(torch.cat([top, low], 1)))


def norm_block(inputs, outputs, stride=1):
    return chain(
        conv(inputs, outputs, stride=stride),
        nn.InstanceNorm2d(outputs, affine=True),
        nn.LeakyReLU(0.01),
    )


class GuidedGate(nn.Module):
    """A guide twice as wide and high, whose mean weighs the smaller image; both come out."""

    def __init__(self):
        super().__init__()
        self.low, self.guide, self.gate = conv_relu(2, 4), conv(2, 4, stride=2), gate(4)
        self.first, self.second = conv(4, 2), conv(4, 3)

    def forward(self, x, guide):
        y = self.guide(guide)
        x = self.low(x) * self.gate(mean_of(y))
        return self.first(x + y), self.second(y - mean_of(x))


def residual(a, x):
    return x + a(x)


def attention_block():
    return Do(residual, chain(conv_relu(4, 4), conv(4, 4), squeeze_excite(4)))


def pool_of_all(x):
    """The exporter writes a window of the exported size."""
    return F.avg_pool2d(x, x.shape[2:])


def local_mean(x, side):
    """Of a window around each position, as docs/guide.md has it."""
    half = side // 2
    x = F.avg_pool2d(F.pad(x, (0, 0, half, half), mode="replicate"), (side, 1), stride=1)
    return F.avg_pool2d(F.pad(x, (half, half, 0, 0), mode="replicate"), (1, side), stride=1)


class Style(nn.Module):
    """Cellpose's style: the direction of a list of means, added to an image through a layer."""

    def __init__(self):
        super().__init__()
        self.down, self.full = conv_relu(2, 6), nn.Linear(6, 4)
        self.low, self.after = conv(2, 4), conv(4, 2)

    def forward(self, x):
        style = pool_of_all(self.down(F.max_pool2d(x, 2))).flatten(1)
        style = style / torch.sum(style**2, dim=1, keepdim=True) ** 0.5
        return self.after(self.low(x) + self.full(style).unsqueeze(-1).unsqueeze(-1))


def takes_statistics(make, passes=2, **options):
    return Network(make, mixed=True, passes=passes, **options)


def between_convolutions(*layers, passes=2):
    """Of 4 channels. `layers` make them."""
    return takes_statistics(
        lambda: chain(conv_relu(2, 4), *(layer() for layer in layers), conv(4, 2)), passes
    )


STATISTICS = {
    "squeeze_excite": between_convolutions(lambda: squeeze_excite(4)),
    "squeeze_excite_linear": between_convolutions(lambda: LinearGate(4)),
    "squeeze_excite_scales": takes_statistics(Scales, passes=3, step=2),
    "squeeze_excite_up": between_convolutions(
        lambda: squeeze_excite(4),
        lambda: transposed(4, 4, 2, 2),
        lambda: squeeze_excite(4),
        passes=3,
    ),
    "channel_attention": between_convolutions(*[attention_block] * 3, passes=4),
    "mean_subtracted": between_convolutions(lambda: Do(lambda x: x - mean_of(x))),
    "mean_of_the_image": takes_statistics(lambda: chain(lambda x: x - mean_of(x), conv(2, 2))),
    "mean_alone": takes_statistics(lambda: chain(lambda x: x - mean_of(x))),
    "whitened": between_convolutions(lambda: Do(whitened), passes=3),
    "mean_of_squares": between_convolutions(lambda: Do(two_squares)),
    "means_in_parallel": between_convolutions(lambda: Do(parallel)),
    "mean_as_a_list": between_convolutions(
        lambda: Do(lambda x: x - x.mean((2, 3)).view(1, 4, 1, 1))
    ),
    "sum_of_all": between_convolutions(
        lambda: Do(lambda x: x - 1e-3 * x.sum((2, 3), keepdim=True))
    ),
    "least_of_all": between_convolutions(lambda: Do(lambda x: x - x.amin((2, 3), keepdim=True))),
    "average_and_largest": between_convolutions(lambda: Do(average_and_largest, gate(4)[:2])),
    "response_norm": between_convolutions(lambda: Do(response_norm)),
    "selective_kernel": between_convolutions(lambda: SelectiveKernel(4)),
    "instance_norm": between_convolutions(lambda: nn.InstanceNorm2d(4)),
    "instance_norm_unet": takes_statistics(InstanceUNet, passes=5, step=2),
    "group_norm_of_channels": between_convolutions(lambda: nn.GroupNorm(4, 4)),
    "group_norm_without_weights": between_convolutions(lambda: nn.GroupNorm(4, 4, affine=False)),
    "mean_copied": between_convolutions(
        lambda: Do(
            lambda x: torch.cat([x[:, :2], mean_of(x[:, 2:]).expand(-1, -1, *x.shape[2:])], 1)
        )
    ),
    "mean_resized": between_convolutions(
        lambda: Do(lambda x: x + F.interpolate(mean_of(x), size=x.shape[2:], mode="nearest"))
    ),
    "group_norm": between_convolutions(lambda: nn.GroupNorm(2, 4)),
    "guided_gate": takes_statistics(GuidedGate, passes=3, inputs=2, scales=((1, 1), (2, 2))),
    "pooled_branch": takes_statistics(Pyramid),
    "local_means": between_convolutions(
        lambda: Do(lambda a, x: x * a(local_mean(x, 7)), gate(4)), passes=1
    ),
    "pool_of_all": between_convolutions(
        lambda: Do(lambda x: x * F.interpolate(pool_of_all(x), size=x.shape[2:], mode="bilinear")),
        lambda: Do(lambda a, x: x * a(pool_of_all(x)), gate(4)),
        passes=3,
    ),
    "style": takes_statistics(Style, step=2),
    "pooled_branch_aligned": takes_statistics(lambda: Pyramid(align_corners=True)),
}
