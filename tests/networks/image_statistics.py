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
    """A squeeze-excite on either side of a skip, at two resolutions: neither waits for the other."""

    def __init__(self):
        super().__init__()
        self.before, self.down, self.after = conv(2, 4), conv(4, 6, stride=2), conv(4, 2)
        self.wide, self.small, self.up = squeeze_excite(4), squeeze_excite(6), transposed(6, 4, 2, 2)

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


def residual(a, x):
    return x + a(x)


def attention_block():
    return Do(residual, chain(conv_relu(4, 4), conv(4, 4), squeeze_excite(4)))


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
    "pooled_branch": takes_statistics(Pyramid),
    "pooled_branch_aligned": takes_statistics(lambda: Pyramid(align_corners=True)),
}
