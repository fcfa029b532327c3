"""Well-known networks as plain PyTorch, narrow and shallow: every layer of the original, few of each."""

import torch
from torch import nn

from layers import Do, bilinear, chain, conv, conv_norm_relu, conv_relu, residual


def dncnn(channels=1, width=4, depth=3):
    """DnCNN: the noise is estimated and taken off."""
    middle = (conv_norm_relu(width, width) for _ in range(depth))
    return Do(lambda a, x: x - a(x), chain(conv_relu(channels, width), *middle, conv(width, channels)))


class BasicBlock(nn.Module):
    """A block of ResNet-18; the strided one has a strided 1x1 convolution beside it."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.body = chain(
            conv_norm_relu(inputs, outputs, stride=stride),
            conv(outputs, outputs, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.beside = nn.Identity()
        if stride > 1:
            pointwise = conv(inputs, outputs, 1, stride=stride, bias=False)
            self.beside = chain(pointwise, nn.BatchNorm2d(outputs))

    def forward(self, x):
        return torch.relu(self.body(x) + self.beside(x))


def resnet_encoder(inputs=3, width=3):
    """ResNet's stem (7x7 by 2, 3x3 max pooling by 2) and two stages: features at an eighth."""
    return chain(
        conv_norm_relu(inputs, width, 7, stride=2),
        nn.MaxPool2d(3, 2, 1),
        BasicBlock(width, width),
        BasicBlock(width, 2 * width, stride=2),
        BasicBlock(2 * width, 2 * width),
    )


def resnet_segmenter(inputs=3, width=3):
    """The encoder, and its features brought back to the image's size."""
    return chain(resnet_encoder(inputs, width), conv(2 * width, 2, 1), lambda x: bilinear(x, 8))



class SRVGG(nn.Module):
    """SRVGGNetCompact (Real-ESRGAN's small network) by 2, upon a bilinear enlargement."""

    def __init__(self, channels=3, width=4, depth=3):
        super().__init__()
        middle = (chain(conv(width, width), nn.PReLU(width)) for _ in range(depth))
        self.body = chain(
            conv(channels, width), nn.PReLU(width), *middle, conv(width, 4 * channels)
        )
        self.shuffle = nn.PixelShuffle(2)

    def forward(self, x):
        return self.shuffle(self.body(x)) + bilinear(x, 2)


class ScaledResidual(nn.Module):
    """A block of EDSR: no normalisation, the branch times a number."""

    def __init__(self, channels, scale=0.1):
        super().__init__()
        self.body = chain(conv_relu(channels, channels), conv(channels, channels))
        self.scale = scale

    def forward(self, x):
        return x + self.scale * self.body(x)


class EDSR(nn.Module):
    """Enhanced deep super-resolution: residual blocks, a long skip, two pixel shuffles (by 4)."""

    def __init__(self, channels=1, width=4, blocks=2):
        super().__init__()
        self.head = conv(channels, width)
        self.body = chain(*(ScaledResidual(width) for _ in range(blocks)), conv(width, width))
        steps = (chain(conv(width, 4 * width), nn.PixelShuffle(2)) for _ in range(2))
        self.tail = chain(*steps, conv(width, channels))

    def forward(self, x):
        x = self.head(x)
        return self.tail(x + self.body(x))


def context(channels=2, width=3):
    """The context network of Yu and Koltun: dilations 1, 1, 2, 4, 8, 16, 1. It reaches 33 pixels."""
    dilated = (conv_relu(width, width, dilation=d) for d in (1, 2, 4, 8, 16, 1))
    return chain(conv_relu(channels, width), *dilated, conv(width, channels, 1))


class AtrousPyramid(nn.Module):
    """DeepLab's atrous pyramid without its image pooling: branches of dilation 1, 3, 6 at half size."""

    def __init__(self, channels=2, width=3):
        super().__init__()
        self.down = conv_relu(channels, width, stride=2)
        self.branches = nn.ModuleList(
            [conv_relu(width, width, 1)] + [conv_relu(width, width, dilation=d) for d in (1, 3, 6)]
        )
        self.head = chain(conv_relu(4 * width, width, 1), conv(width, 2, 1))

    def forward(self, x):
        x = self.down(x)
        return bilinear(self.head(torch.cat([branch(x) for branch in self.branches], dim=1)), 2)


def deep_residual(channels=1, width=3, blocks=5):
    """SRResNet's trunk at the image's size."""
    return chain(
        conv_relu(channels, width), *(residual(width) for _ in range(blocks)), conv(width, channels)
    )
