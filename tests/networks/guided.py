"""Networks whose inputs differ in size: a guide and a smaller image, bands of several resolutions.

Sectile takes such inputs as one image of the smallest size. `scales` says how many rows and columns
each input has for one of that image's; `size` is that image's.
"""

import torch
from torch import nn
from torch.nn import functional as F

from definition import Network
from layers import Do, bilinear, chain, conv, conv_relu


def sized(make, *scales, **options):
    """Inputs of these scales, in this order. Kernels may stand between the delegates."""
    return Network(make, mixed=True, positive=True, inputs=len(scales), scales=scales, **options)


def up(factor):
    return nn.Upsample(scale_factor=factor)


class Guided(nn.Module):
    """The smaller image, enlarged, beside features of the guide: as pan-sharpening does it."""

    def __init__(self, factor=2, guide_first=False):
        super().__init__()
        self.factor = factor
        self.guide_first = guide_first
        self.low = conv_relu(2, 3)
        self.guide = conv_relu(2, 3, 5)
        self.merge = chain(conv_relu(6, 3), conv(3, 2))

    def forward(self, first, second):
        guide, low = (first, second) if self.guide_first else (second, first)
        low = bilinear(self.low(low), self.factor)
        return self.merge(torch.cat([low, self.guide(guide)], dim=1))


class Resolutions(nn.Module):
    """Bands of three resolutions, as a satellite has them, brought to the finest step by step."""

    def __init__(self):
        super().__init__()
        self.coarse = conv_relu(2, 3)
        self.middle = conv_relu(5, 3)
        self.fine = conv(5, 2)

    def forward(self, middle, coarse, fine):
        middle = self.middle(torch.cat([middle, bilinear(self.coarse(coarse), 2)], dim=1))
        return self.fine(torch.cat([fine, F.interpolate(middle, scale_factor=2)], dim=1))


class GuidedUNet(nn.Module):
    """One level down and up again at the smaller image's size; the guide enters by a stride."""

    def __init__(self):
        super().__init__()
        self.guide = conv_relu(2, 3, stride=2)
        self.down = conv_relu(5, 4)
        self.middle = conv_relu(4, 3, 5)
        self.last = conv(7, 2)

    def forward(self, low, guide):
        skip = self.down(torch.cat([low, self.guide(guide)], dim=1))
        deep = self.middle(F.max_pool2d(skip, 2))
        return self.last(torch.cat([bilinear(deep, 2), skip], dim=1))


class GuidedHeads(nn.Module):
    """Outputs of both sizes."""

    def __init__(self):
        super().__init__()
        self.guided = Guided()
        self.low = conv(2, 3, 5)

    def forward(self, low, guide):
        return self.guided(low, guide), self.low(low)


GUIDED = {
    "guide_x2": sized(Guided, (1, 1), (2, 2)),
    "guide_x4_first": sized(lambda: Guided(4, guide_first=True), (4, 4), (1, 1), size=(12, 10)),
    "three_resolutions": sized(Resolutions, (2, 2), (1, 1), (4, 4), size=(12, 10)),
    "guide_oblong": sized(
        lambda: Do(
            lambda a, b, u, x, y: u(a(x)) * b(y), conv(2, 3), conv(2, 3, (3, 5)), up((3, 2))
        ),
        (1, 1),
        (3, 2),
    ),
    # Neither is the smallest: the image has the rows of one and the columns of the other.
    "guides_crosswise": sized(
        lambda: Do(
            lambda a, b, x, y: a(x) + b(y), conv(2, 3, stride=(2, 1)), conv(2, 3, 5, stride=(1, 2))
        ),
        (2, 1),
        (1, 2),
    ),
    "guide_alike": sized(
        lambda: Do(
            lambda a, b, c, x, y, z: c(torch.cat([a(x), b(y), z], 1)),
            conv_relu(2, 3, stride=2),
            conv_relu(2, 3, 4, stride=2, padding=1),
            conv(8, 2),
        ),
        (2, 2),
        (2, 2),
        (1, 1),
    ),
    "guide_unet": sized(GuidedUNet, (1, 1), (2, 2), step=2),
    "guide_channels_last": sized(Guided, (1, 1), (2, 2), channels_last=True),
    "guide_two_outputs": sized(GuidedHeads, (1, 1), (2, 2), output_sizes=2),
}
