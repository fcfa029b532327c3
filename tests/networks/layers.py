"""Building blocks of the test networks: plain PyTorch, small enough to read at a glance."""

import torch
from torch import nn
from torch.nn import functional as F


class Do(nn.Module):
    """Calls `function(*layers, x)`: a forward pass as one lambda over the layers it owns."""

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
    same = tuple(d * (k - 1) // 2 for k, d in zip(kernels, dilations, strict=True))
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


def bilinear(x, factor, align_corners=False):
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=align_corners)


def resized_by(x, numerator, denominator, mode="bilinear"):
    """Resized to numerator/denominator times the size."""
    size = [length * numerator // denominator for length in x.shape[2:]]
    return F.interpolate(x, size=size, mode=mode)


def between(operation, channels=2):
    """Applies a binary `operation` to two branches of unequal reach (3x3 and 1x5 after 5x3)."""
    near = conv(channels, channels)
    far = chain(conv(channels, channels, (5, 3)), conv(channels, channels, (1, 5)))
    return Do(lambda a, b, x: operation(a(x), b(x)), near, far)


class UNet(nn.Module):
    """Encoder, decoder and skips; `strided` goes down by convolutions and up by bilinear steps."""

    def __init__(self, depth, inputs=3, outputs=2, base=3, strided=False, aligned=False):
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
        self.ups = nn.ModuleList(self.up(width, level, strided, aligned) for level in range(depth))
        self.decoders = nn.ModuleList(
            conv_norm_relu(2 * width[level], width[level]) for level in range(depth)
        )
        self.head = nn.Conv2d(base, outputs, 1)

    @staticmethod
    def up(width, level, strided, aligned):
        if strided:
            return chain(lambda x: bilinear(x, 2, aligned), conv(width[level + 1], width[level]))
        return transposed(width[level + 1], width[level], 2, 2)

    def forward(self, x):
        skips = []
        for encoder, down in zip(self.encoders, self.downs, strict=True):
            skips.append(encoder(x))
            x = down(skips[-1])
        x = self.middle(x)
        for up, decoder, skip in reversed(list(zip(self.ups, self.decoders, skips, strict=True))):
            x = decoder(torch.cat([up(x), skip], dim=1))
        return self.head(x)


class Constant(nn.Module):
    """Joins its input with a constant tensor of a given shape."""

    def __init__(self, shape, operation):
        super().__init__()
        self.operation = operation
        self.register_buffer("constant", torch.ones(shape))

    def forward(self, x):
        return self.operation(x, self.constant)


def residual(channels):
    """x + conv(relu(conv(x))), as in EDSR."""
    return Do(lambda a, x: x + a(x), chain(conv_relu(channels, channels), conv(channels, channels)))


class EfficientSubPixel(nn.Module):
    """A super-resolution network by 2: features at the input's size, then one pixel shuffle."""

    def __init__(self):
        super().__init__()
        self.features = chain(conv(1, 4, 5), nn.Tanh(), conv(4, 4), nn.Tanh(), conv(4, 4))
        self.shuffle = nn.PixelShuffle(2)

    def forward(self, x):
        return self.shuffle(self.features(x))


class Inception(nn.Module):
    """Four branches of different reach, joined on channels."""

    def __init__(self, channels=2):
        super().__init__()
        self.pointwise = conv_relu(channels, 2, 1)
        self.middle = chain(conv_relu(channels, 2, 1), conv_relu(2, 3))
        self.wide = chain(
            conv_relu(channels, 2, 1), conv_relu(2, 2, (1, 7)), conv_relu(2, 2, (7, 1))
        )
        self.pooled = chain(nn.MaxPool2d(3, 1, 1), conv_relu(channels, 2, 1))
        self.head = conv(9, 2)

    def forward(self, x):
        return self.head(
            torch.cat([self.pointwise(x), self.middle(x), self.wide(x), self.pooled(x)], dim=1)
        )


class FeaturePyramid(nn.Module):
    """Three scales from strided convolutions, merged from the coarsest up; output at half size."""

    def __init__(self, inputs=2, width=3):
        super().__init__()
        self.downs = nn.ModuleList(
            conv_relu(inputs if level == 0 else width, width, stride=2) for level in range(3)
        )
        self.laterals = nn.ModuleList(conv(width, width, 1) for _ in range(3))
        self.smooth = conv(width, 2)

    def forward(self, x):
        levels = []
        for down in self.downs:
            x = down(x)
            levels.append(x)
        merged = self.laterals[2](levels[2])
        for level in (1, 0):
            merged = self.laterals[level](levels[level]) + bilinear(merged, 2)
        return self.smooth(merged)


class InvertedResidual(nn.Module):
    """Expand, depthwise 5x5, hard swish, project, as in MobileNetV3."""

    def __init__(self, channels, wide):
        super().__init__()
        self.body = chain(
            conv(channels, wide, 1, bias=False),
            nn.BatchNorm2d(wide),
            nn.Hardswish(),
            depthwise(wide, 5, bias=False),
            nn.BatchNorm2d(wide),
            nn.Hardswish(),
            conv(wide, channels, 1),
        )

    def forward(self, x):
        return x + self.body(x)
