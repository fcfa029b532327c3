"""Building blocks of the test networks: plain PyTorch, small enough to read at a glance."""

import torch
from torch import nn
from torch.nn import functional as F


class Do(nn.Module):
    """Calls `function(*layers, x)`: a forward pass written as one lambda over the layers it owns."""

    def __init__(self, function, *layers):
        super().__init__()
        self.function = function
        self.layers = nn.ModuleList(layers)

    def forward(self, *inputs):
        return self.function(*self.layers, *inputs)


def chain(*layers):
    """Layers one after another; a plain function counts as a layer."""
    return nn.Sequential(*(x if isinstance(x, nn.Module) else Do(x) for x in layers))


def conv(inputs, outputs, kernel=3, **options):
    """A convolution that keeps the size at stride 1, unless `padding` says otherwise."""
    kernels = (kernel, kernel) if isinstance(kernel, int) else kernel
    dilation = options.get("dilation", 1)
    dilations = (dilation, dilation) if isinstance(dilation, int) else dilation
    same = tuple(d * (k - 1) // 2 for k, d in zip(kernels, dilations))
    return nn.Conv2d(inputs, outputs, kernels, **{"padding": same, **options})


def transposed(inputs, outputs, kernel, stride, padding=0, output_padding=0, groups=1):
    return nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding, output_padding, groups)


def depthwise(channels, kernel=3, **options):
    return conv(channels, channels, kernel, groups=channels, **options)


def conv_relu(inputs, outputs, kernel=3, **options):
    return chain(conv(inputs, outputs, kernel, **options), nn.ReLU())


def conv_norm_relu(inputs, outputs, kernel=3, **options):
    options = {"bias": False, **options}
    return chain(conv(inputs, outputs, kernel, **options), nn.BatchNorm2d(outputs), nn.ReLU())


def bilinear(x, factor):
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


def between(operation, channels=2):
    """Applies a binary `operation` to two branches of unequal reach (3x3 and 1x5 after 5x3)."""
    near = conv(channels, channels)
    far = chain(conv(channels, channels, (5, 3)), conv(channels, channels, (1, 5)))
    return Do(lambda a, b, x: operation(a(x), b(x)), near, far)


class UNet(nn.Module):
    """Encoder, decoder and skips; `strided` takes strided convolutions down and bilinear ones up."""

    def __init__(self, depth, inputs=3, outputs=2, base=3, strided=False):
        super().__init__()
        width = [base + 2 * level for level in range(depth + 1)]
        entering = [inputs] + (width[1:] if strided else width[:-1])
        self.encoders = nn.ModuleList(
            conv_norm_relu(entering[level], width[level]) for level in range(depth)
        )
        self.downs = nn.ModuleList(
            conv_relu(width[level], width[level + 1], stride=2) if strided else nn.MaxPool2d(2)
            for level in range(depth)
        )
        self.middle = conv_norm_relu(entering[depth], width[depth])
        self.ups = nn.ModuleList(self.up(width, level, strided) for level in range(depth))
        self.decoders = nn.ModuleList(
            conv_norm_relu(2 * width[level], width[level]) for level in range(depth)
        )
        self.head = nn.Conv2d(base, outputs, 1)

    @staticmethod
    def up(width, level, strided):
        if strided:
            return chain(lambda x: bilinear(x, 2), conv(width[level + 1], width[level]))
        return transposed(width[level + 1], width[level], 2, 2)

    def forward(self, x):
        skips = []
        for encoder, down in zip(self.encoders, self.downs):
            skips.append(encoder(x))
            x = down(skips[-1])
        x = self.middle(x)
        for up, decoder, skip in reversed(list(zip(self.ups, self.decoders, skips))):
            x = decoder(torch.cat([up(x), skip], dim=1))
        return self.head(x)
