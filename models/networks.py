"""The demo networks, as plain PyTorch modules.

Every network takes one float image [N, 3, H, W] with values in [0, 1] and returns a float image of
the same range; those that make pictures do not clamp it. Each is made only of operators that
XNNPACK computes with the same roundings at every position: convolutions, max pools, transposed
convolutions, concatenations, sums, pixel shuffles. None has a resize operator. Only the
squeeze-excites of Cells reduce over the whole image.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

CLASSES = ("background", "cell", "cell with marker")  # of Cells and CellsPlain


class Denoise(nn.Module):
    """Takes Gaussian noise off an image: eight 3x3 convolutions guess the noise to subtract."""

    def __init__(self, channels: int = 32, convolutions: int = 8):
        super().__init__()
        self.noise = plain_stack(channels, convolutions, outputs=3)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image - self.noise(image)


class Upscale2x(nn.Module):
    """Doubles width and height.

    Works at the small size, then a pixel shuffle spreads 12 channels over 2x2 pixels. There is no
    resize operator beside the convolutions. One 3x3 convolution, which starts as pixel repetition,
    carries the plain picture; the deep branch adds what is missing.
    """

    def __init__(self, channels: int = 32, convolutions: int = 5):
        super().__init__()
        self.detail = plain_stack(channels, convolutions, outputs=12)
        self.plain = nn.Conv2d(3, 12, 3, padding=1)
        self.shuffle = nn.PixelShuffle(2)
        start_from_repetition(self.plain)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.shuffle(self.plain(image) + self.detail(image))


class UNet(nn.Module):
    """Takes blur off an image.

    A small U-Net guesses the difference between the sharp and the blurred image. Height and width
    must be multiples of 8.
    """

    def __init__(self, widths: tuple[int, ...] = (16, 32, 64, 128), outputs: int = 3):
        super().__init__()
        self.down = nn.ModuleList(
            two_convolutions(before, after) for before, after in pairwise((3, *widths[:-1]))
        )
        self.bottom = two_convolutions(widths[-2], widths[-1])
        climb = list(zip(reversed(widths[1:]), reversed(widths[:-1]), strict=True))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(low, high, 2, stride=2) for low, high in climb)
        self.up = nn.ModuleList(two_convolutions(2 * high, high) for _, high in climb)
        self.head = nn.Conv2d(widths[0], outputs, 1)
        start_from_zero(self.head)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image + self.guess(image)

    def guess(self, image: torch.Tensor) -> torch.Tensor:
        value, skips = image, []
        for block in self.down:
            skips.append(block(value))
            value = functional.max_pool2d(skips[-1], 2)
        value = self.bottom(value)
        for grow, block in zip(self.grow, self.up, strict=True):
            value = block(torch.cat([grow(value), skips.pop()], dim=1))
        return self.head(value)


class Cells(nn.Module):
    """Finds cells, and says which have the marker: one sigmoid for each of CLASSES.

    A U-Net whose encoder is that of MobileNetV3, made small: inverted residuals with depthwise
    convolutions, h-swish and squeeze-excites. Height and width must be multiples of 16.
    """

    def __init__(self):
        super().__init__()
        self.stem = convolution(3, 16, stride=2)
        self.levels = nn.ModuleList(
            [
                nn.Sequential(InvertedResidual(16, 32, 16)),
                nn.Sequential(InvertedResidual(16, 64, 24, 2), InvertedResidual(24, 72, 24)),
                nn.Sequential(InvertedResidual(24, 96, 40, 2), InvertedResidual(40, 120, 40)),
                nn.Sequential(InvertedResidual(40, 160, 64, 2), InvertedResidual(64, 192, 64)),
            ]
        )
        climb = [(64, 40, 40), (40, 24, 24), (24, 16, 16), (16, 12, 3)]  # low, high, skipped
        self.grow = nn.ModuleList(
            nn.ConvTranspose2d(low, high, 2, stride=2) for low, high, _ in climb
        )
        self.up = nn.ModuleList(convolution(high + skipped, high) for _, high, skipped in climb)
        self.head = nn.Conv2d(12, len(CLASSES), 1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        value, skips = self.stem(image), [image]
        for level in self.levels:
            value = level(value)
            skips.append(value)
        skips.pop()
        for grow, block in zip(self.grow, self.up, strict=True):
            value = block(torch.cat([grow(value), skips.pop()], dim=1))
        return torch.sigmoid(self.head(value))


class InvertedResidual(nn.Module):
    """MobileNetV3's block: 1x1 to more channels, depthwise 3x3, squeeze-excite, 1x1 back."""

    def __init__(self, before: int, inside: int, after: int, stride: int = 1):
        super().__init__()
        self.adds = stride == 1 and before == after
        self.layers = nn.Sequential(
            convolution(before, inside, kernel=1),
            convolution(inside, inside, stride=stride, groups=inside),
            SqueezeExcite(inside),
            nn.Conv2d(inside, after, 1, bias=False),
            nn.BatchNorm2d(after),
        )

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        return value + self.layers(value) if self.adds else self.layers(value)


class SqueezeExcite(nn.Module):
    """Scales each channel by a number made of the means of all channels over the whole image.

    In training, `crops` neighbours of a batch are crops of one image and share their means, so that
    these are near those of the whole image.
    """

    crops = 1

    def __init__(self, channels: int):
        super().__init__()
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.gate = nn.Sequential(
            nn.Conv2d(channels, channels // 4, 1),
            nn.ReLU(),
            nn.Conv2d(channels // 4, channels, 1),
            nn.Hardsigmoid(),
        )

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        mean = self.mean(value)
        if self.crops > 1:
            mean = mean.unflatten(0, (-1, self.crops)).mean(1).repeat_interleave(self.crops, 0)
        return value * self.gate(mean)


class CellsPlain(nn.Module):
    """What Cells is compared with: the plain U-Net, for about as many multiply-adds."""

    def __init__(self, widths: tuple[int, ...] = (8, 10, 20, 40, 64)):
        super().__init__()
        self.network = UNet(widths, outputs=len(CLASSES))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.network.guess(image))


def plain_stack(channels: int, convolutions: int, outputs: int) -> nn.Sequential:
    """3x3 convolutions from 3 to `outputs` channels, ReLU between; the output starts at zero."""
    layers = [nn.Conv2d(3, channels, 3, padding=1), nn.ReLU()]
    for _ in range(convolutions - 2):
        layers += [nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU()]
    layers += [nn.Conv2d(channels, outputs, 3, padding=1)]
    for convolution in layers[:-1:2]:
        # PyTorch's own start lets the signal fade from layer to layer, and nothing is learned for
        # hundreds of steps.
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
        nn.init.zeros_(convolution.bias)
    start_from_zero(layers[-1])
    return nn.Sequential(*layers)


def two_convolutions(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
        nn.Conv2d(after, after, 3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )


def convolution(
    before: int, after: int, kernel: int = 3, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(after),
        nn.Hardswish(),
    )


def start_from_zero(layer: nn.Conv2d) -> None:
    """Makes an untrained network return its input: training starts from the picture, not grey."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)


def start_from_repetition(layer: nn.Conv2d) -> None:
    """Output channel c*4 + k starts as a copy of input channel c.

    The shuffle then repeats each pixel four times.
    """
    start_from_zero(layer)
    with torch.no_grad():
        for channel in range(3):
            layer.weight[4 * channel : 4 * channel + 4, channel, 1, 1] = 1.0


NETWORKS = {
    "denoise": Denoise,
    "upscale2x": Upscale2x,
    "unet": UNet,
    "cells": Cells,
    "cells_plain": CellsPlain,
}


def count_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
