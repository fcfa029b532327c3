"""Well-known networks as plain PyTorch: every kind of layer of the original, few of each."""

import torch
from torch import nn
from torch.nn import functional as F

from layers import Do, bilinear, chain, conv, conv_norm_relu, conv_relu, depthwise, residual


def dncnn(channels=1, width=4, depth=3):
    """DnCNN: the noise is estimated and taken off."""
    middle = (conv_norm_relu(width, width) for _ in range(depth))
    return Do(
        lambda a, x: x - a(x), chain(conv_relu(channels, width), *middle, conv(width, channels))
    )


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
    """The context network of Yu and Koltun: dilations 1, 1, 2, 4, 8, 16, 1. Reaches 33 pixels."""
    dilated = (conv_relu(width, width, dilation=d) for d in (1, 2, 4, 8, 16, 1))
    return chain(conv_relu(channels, width), *dilated, conv(width, channels, 1))


class AtrousPyramid(nn.Module):
    """DeepLab's atrous pyramid, without image pooling: dilations 1, 3, 6 at half size."""

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


class LinearBottleneck(nn.Module):
    """MobileNetV2's block: expand, depthwise 3x3, project; ReLU6 between them, none behind."""

    def __init__(self, inputs, outputs, stride=1, expand=2):
        super().__init__()
        wide = expand * inputs
        self.same = stride == 1 and inputs == outputs
        self.body = chain(
            conv(inputs, wide, 1, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(),
            depthwise(wide, 3, stride=stride, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(),
            conv(wide, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x):
        return x + self.body(x) if self.same else self.body(x)


def mobilenet_v2(inputs=3, width=3):
    """MobileNetV2's first stages: features at an eighth."""
    return chain(
        conv(inputs, width, stride=2, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU6(),
        LinearBottleneck(width, width, expand=1),
        LinearBottleneck(width, width + 1, stride=2),
        LinearBottleneck(width + 1, width + 1),
        LinearBottleneck(width + 1, width + 2, stride=2),
    )


def parallel(*branches):
    """Branches over the same input, joined on channels."""
    return Do(lambda *args: torch.cat([branch(args[-1]) for branch in args[:-1]], 1), *branches)


def googlenet(channels=2):
    """GoogLeNet's module (1x1, 3x3, 5x5, pool branches) and Inception v3's, with strides."""
    return chain(
        parallel(
            conv_relu(channels, 2, 1),
            chain(conv_relu(channels, 2, 1), conv_relu(2, 3)),
            chain(conv_relu(channels, 1, 1), conv_relu(1, 2, 5)),
            chain(nn.MaxPool2d(3, 1, 1), conv_relu(channels, 2, 1)),
        ),
        parallel(
            conv_relu(9, 3, stride=2),
            chain(conv_relu(9, 2, 1), conv_relu(2, 2), conv_relu(2, 3, stride=2)),
            nn.MaxPool2d(3, 2, 1),
        ),
        conv(15, 2),
    )


def dense_block(inputs, growth, layers):
    """DenseNet's: each layer sees all before it."""
    return chain(
        *(
            Do(lambda a, x: torch.cat([x, a(x)], 1), conv_norm_relu(inputs + i * growth, growth))
            for i in range(layers)
        )
    )


def densenet(inputs=2, growth=2):
    """Two dense blocks and the transition between them, which halves the size."""
    return chain(
        dense_block(inputs, growth, 3),
        conv_norm_relu(inputs + 3 * growth, 4, 1),
        nn.AvgPool2d(2),
        dense_block(4, growth, 2),
        conv(4 + 2 * growth, 2, 1),
    )


class LinkNet(nn.Module):
    """Down by strides; up by transposed 3x3 convolutions, whose outputs are added to the skips."""

    def __init__(self, inputs=3, width=3):
        super().__init__()
        self.first = conv_norm_relu(inputs, width)
        self.downs = nn.ModuleList(conv_norm_relu(width, width, stride=2) for _ in range(2))
        self.ups = nn.ModuleList(
            chain(nn.ConvTranspose2d(width, width, 3, 2, 1, 1), nn.ReLU()) for _ in range(2)
        )
        self.head = conv(width, 2, 1)

    def forward(self, x):
        skips = [self.first(x)]
        for down in self.downs:
            skips.append(down(skips[-1]))
        x = skips.pop()
        for up in self.ups:
            x = up(x) + skips.pop()
        return self.head(x)


class DenseResidual(nn.Module):
    """A block of ESRGAN: three dense layers, leaky rectifiers, a fifth of it added to its input."""

    def __init__(self, width, growth=2):
        super().__init__()
        self.layers = nn.ModuleList(conv(width + i * growth, growth) for i in range(2))
        self.last = conv(width + 2 * growth, width)

    def forward(self, x):
        all_of_it = x
        for layer in self.layers:
            all_of_it = torch.cat([all_of_it, F.leaky_relu(layer(all_of_it), 0.2)], 1)
        return x + 0.2 * self.last(all_of_it)


class ESRGAN(nn.Module):
    """ESRGAN's generator by 2: dense residual blocks, a long skip, a nearest enlargement."""

    def __init__(self, channels=1, width=3):
        super().__init__()
        self.first = conv(channels, width)
        self.body = chain(DenseResidual(width), DenseResidual(width), conv(width, width))
        self.up = conv(width, width)
        self.last = chain(conv(width, width), nn.LeakyReLU(0.2), conv(width, channels))

    def forward(self, x):
        x = self.first(x)
        x = F.interpolate(x + self.body(x), scale_factor=2, mode="nearest")
        return self.last(F.leaky_relu(self.up(x), 0.2))


class FPN(nn.Module):
    """Feature pyramid: 1x1 laterals, nearest enlargements added top down, an output a level."""

    def __init__(self, inputs=2, width=3, levels=3):
        super().__init__()
        self.downs = nn.ModuleList(
            conv_relu(inputs if level == 0 else width + level, width + level + 1, stride=2)
            for level in range(levels)
        )
        self.laterals = nn.ModuleList(conv(width + level + 1, width, 1) for level in range(levels))
        self.smooth = nn.ModuleList(conv(width, 2) for _ in range(levels))

    def forward(self, x):
        merged = []
        for down, lateral in zip(self.downs, self.laterals, strict=True):
            x = down(x)
            merged.append(lateral(x))
        for level in reversed(range(len(merged) - 1)):
            merged[level] = merged[level] + F.interpolate(
                merged[level + 1], size=merged[level].shape[2:], mode="nearest"
            )
        return tuple(smooth(y) for smooth, y in zip(self.smooth, merged, strict=True))
