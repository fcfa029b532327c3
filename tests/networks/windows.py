"""Networks that cut the image into windows, and mix the pixels of each window alone.

As transformers for images do: the pixels, and then the windows, are a list.
"""

import torch
from torch import nn
from torch.nn import functional as F

from definition import Network
from layers import conv


def to_windows(x, side):
    """[1, height, width, channels] as [windows, side, side, channels]."""
    _, height, width, channels = x.shape
    x = x.view(1, height // side, side, width // side, side, channels)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, side, side, channels)


def from_windows(windows, size):
    height, width = size
    side = windows.shape[1]
    x = windows.view(1, height // side, width // side, side, side, -1)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(1, height, width, -1)


class WindowAttention(nn.Module):
    """Attention among the pixels of each window, with a table of relative positions."""

    def __init__(self, channels, side, heads, fused=False):
        super().__init__()
        self.heads, self.fused = heads, fused
        self.pairs = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)
        self.table = nn.Parameter(torch.zeros((2 * side - 1) ** 2, heads))
        steps = torch.stack(torch.meshgrid(*[torch.arange(side)] * 2, indexing="ij")).flatten(1)
        apart = (steps[:, :, None] - steps[:, None, :]) + side - 1
        self.register_buffer("places", apart[0] * (2 * side - 1) + apart[1])

    def forward(self, x):
        windows, pixels, channels = x.shape
        x = self.pairs(x).reshape(windows, pixels, 3, self.heads, channels // self.heads)
        query, key, value = x.permute(2, 0, 3, 1, 4).unbind(0)
        if self.fused:
            y = F.scaled_dot_product_attention(query, key, value)
        else:
            score = query * (channels // self.heads) ** -0.5 @ key.transpose(-2, -1)
            bias = self.table[self.places.view(-1)].view(pixels, pixels, -1).permute(2, 0, 1)
            y = (score + bias.contiguous().unsqueeze(0)).softmax(-1) @ value
        return self.out(y.transpose(1, 2).reshape(windows, pixels, channels))


class WindowBlock(nn.Module):
    """One layer of a Swin transformer. The pixels come as a list: [1, height * width, channels]."""

    def __init__(self, channels, side, heads, shift=0, fused=False):
        super().__init__()
        self.side, self.shift = side, shift
        self.before, self.after = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.attention = WindowAttention(channels, side, heads, fused)
        self.perceptron = nn.Sequential(
            nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels)
        )

    def forward(self, x, size):
        y = self.before(x).view(1, *size, -1)
        if self.shift:
            y = torch.roll(y, (-self.shift, -self.shift), (1, 2))
        windows = to_windows(y, self.side)
        mixed = self.attention(windows.view(windows.shape[0], self.side**2, -1))
        y = from_windows(mixed.view(windows.shape), size)
        if self.shift:
            y = torch.roll(y, (self.shift, self.shift), (1, 2))
        x = x + y.view(x.shape)
        return x + self.perceptron(self.after(x))


class WindowTransformer(nn.Module):
    """Convolutions at both ends, and between them layers over the list of pixels."""

    def __init__(self, side=4, layers=2, shift=0, fused=False, channels=6):
        super().__init__()
        self.first, self.last = conv(2, channels), conv(channels, 2)
        self.blocks = nn.ModuleList(
            WindowBlock(channels, side, 2, shift * (i % 2), fused) for i in range(layers)
        )
        self.norm = nn.LayerNorm(channels)

    def forward(self, x):
        x = self.first(x)
        y = x.flatten(2).transpose(1, 2)
        for block in self.blocks:
            y = block(y, x.shape[2:])
        return self.last(x + self.norm(y).transpose(1, 2).view(x.shape))


class WindowLayers(nn.Module):
    """`mix` of the pixels of each window: [windows, pixels, channels] there and back."""

    def __init__(self, mix, side=4, channels=4):
        super().__init__()
        self.side, self.mix = side, mix
        self.first, self.last = conv(2, channels), conv(channels, 2)

    def forward(self, x):
        x = self.first(x).permute(0, 2, 3, 1)
        windows = to_windows(x, self.side)
        mixed = self.mix(windows.view(windows.shape[0], self.side**2, -1))
        y = from_windows(mixed.view(*windows.shape[:3], -1), x.shape[1:3])
        return self.last(y.permute(0, 3, 1, 2))


class Products(nn.Module):
    """Attention without a softmax: each value depends on all pixels of its window."""

    def __init__(self, channels):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(channels, channels) for _ in range(3))

    def forward(self, x):
        return self.query(x) @ self.key(x).transpose(1, 2) @ self.value(x)


class PixelMixer(nn.Module):
    """A linear layer over the pixels of each window."""

    def __init__(self, pixels):
        super().__init__()
        self.linear = nn.Linear(pixels, pixels)

    def forward(self, x):
        return self.linear(x.transpose(1, 2)).transpose(1, 2)


class TokenPerceptron(nn.Module):
    """Layers over the list of all pixels, each for itself."""

    def __init__(self, channels=4):
        super().__init__()
        self.first, self.last = conv(2, channels), conv(channels, 2)
        self.norm = nn.LayerNorm(channels)
        self.linear = nn.Linear(channels, channels)

    def forward(self, x):
        x = self.first(x)
        y = x.flatten(2).transpose(1, 2)
        y = y + self.linear(self.norm(y)).relu()
        return self.last(y.transpose(1, 2).view(x.shape))


WINDOWS = {
    "window_attention": Network(WindowTransformer, step=4, mixed=True),
    "window_attention_fused": Network(lambda: WindowTransformer(fused=True), step=4, mixed=True),
    "window_attention_of_5": Network(
        lambda: WindowTransformer(side=5, layers=1), size=(30, 35), step=5, mixed=True
    ),
    "window_products": Network(
        lambda: WindowLayers(Products(4)), step=4, positive=True, mixed=True
    ),
    "window_mixer": Network(lambda: WindowLayers(PixelMixer(16)), step=4, positive=True),
    "window_of_8": Network(lambda: WindowLayers(nn.Identity(), side=8), size=(72, 80), step=8),
    "token_perceptron": Network(TokenPerceptron, mixed=True),
}
