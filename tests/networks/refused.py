"""The networks that Sectile must refuse, each with the verdict and the operator to blame for it.

"not_exact": a value depends on the whole image, or on where a pixel lies; no tile can have the same
bits. "unsupported": no rule exists for the operator, or Sectile does not run programs of this kind.
"""

import torch
from torch import nn
from torch.nn import functional as F

from definition import Network
from layers import Constant, Do, bilinear, chain, conv, conv_relu
from windows import TokenPerceptron, WindowTransformer


def not_exact(blocker, make, **options):
    return Network(make, verdict="not_exact", blocker=blocker, **options)


def unsupported(blocker, make, **options):
    return Network(make, verdict="unsupported", blocker=blocker, **options)


def softmax_over_space(x):
    return F.softmax(x.flatten(2), dim=-1).view(x.shape)


class Attention(nn.Module):
    """Self-attention over all pixels."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (conv(2, 2, 1) for _ in range(3))

    def forward(self, x):
        query, key, value = (f(x).flatten(2) for f in (self.query, self.key, self.value))
        weight = F.softmax(torch.bmm(query.transpose(1, 2), key), dim=-1)
        return torch.bmm(value, weight.transpose(1, 2)).view(x.shape)


class TokenPositions(TokenPerceptron):
    """Adds a number of its own to each pixel of the list."""

    def __init__(self):
        super().__init__()
        self.positions = nn.Parameter(torch.rand(1, 24 * 20, 2))

    def forward(self, x):
        y = x.flatten(2).transpose(1, 2) + self.positions
        return super().forward(y.transpose(1, 2).reshape(x.shape))


def bilinear_to(x, other):
    return F.interpolate(x, size=other.shape[2:], mode="bilinear", align_corners=False)


class Halves(nn.Module):
    """The upper and the lower half of the image as channels beside each other."""

    def __init__(self):
        super().__init__()
        self.before = conv(2, 3)
        self.after = conv(6, 2)

    def forward(self, x):
        x = self.before(x)
        _, channels, height, width = x.shape
        x = x.view(1, channels, 2, height // 2, width).transpose(1, 2)
        return self.after(x.reshape(1, 2 * channels, height // 2, width))


def mean_compared(x):
    mean = x.mean((2, 3), keepdim=True)
    return x * torch.where(mean > 0.1, mean, 3 * mean)


def mean_of_each_group(x):
    _, channels, height, width = x.shape
    groups = x.reshape(2, channels // 2, height, width)
    return (groups * groups.mean((2, 3), keepdim=True)).reshape(x.shape)


class TwoScales(nn.Module):
    """Images that have one size as exported, at 8x8, and another scale."""

    def __init__(self):
        super().__init__()
        self.strided, self.cropped = conv(2, 2, stride=2), conv(2, 2, 5, padding=0)

    def forward(self, x):
        means = (y.mean((2, 3), keepdim=True) for y in (self.strided(x), self.cropped(x)))
        return x * sum(means)


NOT_EXACT = {
    "mean_of_each_group": not_exact(
        "XNNGlobalAvgPooling2d", lambda: chain(conv(2, 4), mean_of_each_group, conv(4, 2))
    ),
    "global_pool": not_exact(
        "no image",
        lambda: chain(conv_relu(2, 3), nn.AdaptiveAvgPool2d(1), conv(3, 2, 1)),
    ),
    "mean_over_height": not_exact(
        "aten::mean", lambda: chain(conv(2, 2), lambda x: x - x.mean(2, keepdim=True))
    ),
    # The exporter sees softmax over the width as XNNPACK's own, over channels: such a program is
    # exact, and not tested here.
    "softmax_over_space": not_exact(
        "XNNStaticReshape", lambda: chain(conv(2, 2), softmax_over_space)
    ),
    "softmax_over_rows": not_exact(
        "aten::_softmax", lambda: chain(conv(2, 4), lambda x: x.softmax(2), conv(4, 2))
    ),
    # All that mixes the image is named, once each: kernels, and operators inside the delegates.
    "means_and_attention": not_exact(
        "aten::mean",
        lambda: chain(
            conv(2, 4),
            lambda x: x - x.mean(),
            conv_relu(4, 2),
            lambda x: x - x.mean(),
            Attention(),
        ),
    ),
    # A photograph's channels, and large enough for its memory to show.
    "softmax_over_rows_large": not_exact(
        "aten::_softmax",
        lambda: chain(conv_relu(3, 16), lambda x: x.softmax(2), conv_relu(16, 16), conv(16, 3)),
        channels=3,
        size=(160, 192),
    ),
    "layer_norm_over_space": not_exact(
        "aten::native_layer_norm", lambda: chain(conv(2, 4), nn.LayerNorm((4, 24, 20)), conv(4, 2))
    ),
    # The exporter writes a window of the exported size.
    "max_pool_of_all": not_exact(
        "XNNMaxPooling2d",
        lambda: chain(
            conv(2, 3),
            lambda x: x * bilinear_to(F.max_pool2d(x, x.shape[2:]), x),
            conv(3, 2),
        ),
    ),
    "int8_dynamic": not_exact(
        "quantises its input", lambda: chain(conv_relu(2, 3), conv(3, 2)), precision="int8_dynamic"
    ),
    "attention": not_exact("XNNBatchMatrixMultiply", Attention, size=(12, 10)),
    "window_attention_shifted": not_exact(
        "the opposite edge", lambda: WindowTransformer(shift=2), mixed=True
    ),
    "token_positions": not_exact("XNNAdd", TokenPositions, mixed=True),
    "bicubic_x3": not_exact(
        "differ from pixel to pixel",
        lambda: chain(conv(2, 2), nn.Upsample(scale_factor=3, mode="bicubic"), conv(2, 2)),
    ),
    "bicubic_aligned": not_exact(
        "aten::index",
        lambda: chain(
            conv(2, 2), nn.Upsample(scale_factor=2, mode="bicubic", align_corners=True), conv(2, 2)
        ),
    ),
    "multiplied_by_row": not_exact(
        "differ from pixel to pixel",
        lambda: chain(
            conv(2, 2), lambda x: x * (torch.arange(x.shape[2]).float() * 0.1)[:, None], conv(2, 2)
        ),
    ),
    "added_rows": unsupported(
        "positions of pixels",
        lambda: chain(
            conv(2, 2), lambda x: x + (torch.arange(x.shape[2]).float() * 0.1)[:, None], conv(2, 2)
        ),
    ),
    "position_embedding": not_exact(
        "XNNAdd", lambda: chain(conv(2, 2), Constant((1, 2, 24, 20), torch.add), conv(2, 2))
    ),
}

UNSUPPORTED = {
    "mean_compared": unsupported("aten::gt", lambda: chain(conv(2, 4), mean_compared, conv(4, 2))),
    "means_of_two_scales": unsupported("XNNConcatenate", TwoScales, size=(8, 8)),
    "float16_bilinear_aligned": unsupported(
        "XNNStaticResizeBilinear2D",
        lambda: chain(conv(2, 2), lambda x: bilinear(x, 2, align_corners=True)),
        precision="float16",
    ),
    "float16_bilinear_x3": unsupported(
        "XNNStaticResizeBilinear2D",
        lambda: chain(conv(2, 2), lambda x: bilinear(x, 3)),
        precision="float16",
    ),
    # Numbers that follow from the exported size, and others that may.
    "pool_of_quarters": unsupported(
        "XNNAvgPooling2d",
        lambda: chain(
            conv(2, 3),
            lambda x: x + bilinear_to(F.avg_pool2d(x, (x.shape[2] // 2, x.shape[3] // 2)), x),
        ),
        size=(32, 64),
    ),
    "pool_of_columns": unsupported(
        "XNNMaxPooling2d",
        lambda: chain(conv(2, 3), lambda x: F.max_pool2d(x, (x.shape[2], 1)), conv(3, 2)),
    ),
    "pool_of_two_rows": unsupported(
        "XNNAvgPooling2d", lambda: chain(conv(2, 3), nn.AvgPool2d(2), conv(3, 2)), size=(2, 2)
    ),
    "lower_half": unsupported(
        "XNNStaticSlice", lambda: chain(conv(2, 3), lambda x: x[:, :, x.shape[2] // 2 :])
    ),
    "padded_by_half": unsupported(
        "XNNStaticConstantPad",
        lambda: chain(conv(2, 3), lambda x: F.pad(x, (0, 0, x.shape[2] // 2, 0)), conv(3, 2)),
    ),
    "halves": unsupported("XNNStaticReshape", Halves, size=(24, 20)),
    "scaled_by_pixels": unsupported(
        "XNNMultiply",
        lambda: chain(conv(2, 3), lambda x: x * (1 / (x.shape[2] * x.shape[3])), conv(3, 2)),
    ),
    "linear_head": unsupported(
        "tensor", lambda: chain(conv(2, 2), nn.Flatten(), nn.Linear(2 * 24 * 20, 3))
    ),
    # Where a slice ends at another size is not in the file: "all but the last 8 rows" and
    # "16 rows" are one to it.
    "crop": unsupported("XNNStaticSlice", lambda: chain(conv(2, 3), lambda x: x[:, :, 2:16])),
    "crop_16": unsupported(
        "XNNStaticSlice", lambda: chain(conv(2, 3), lambda x: x[:, :, 2:-6]), size=(16, 20)
    ),
    "inputs_of_three_to_two": unsupported(
        "input of 30x36 pixels beside one of 24 rows",
        lambda: Do(lambda a, b, x, y: a(x) + b(y), conv(2, 3, stride=2), conv(2, 3, stride=3)),
        inputs=2,
        scales=((1, 1), (1.5, 1.5)),
    ),
    # A value for each channel, whatever the image's size is.
    "input_of_one_pixel": unsupported(
        "input of 20x24 pixels beside one of 1 rows",
        lambda: Do(lambda a, x, y: a(x) * y, conv(2, 2)),
        inputs=2,
        size=(1, 1),
        scales=((24, 20), (1, 1)),
    ),
    "circular_pad": unsupported("dim_order_ops::", lambda: conv(2, 2, padding_mode="circular")),
    # ExecuTorch's kernel refuses it.
    "cut_by_padding": unsupported(
        "aten::constant_pad_nd", lambda: chain(conv(2, 3), lambda x: F.pad(x, (-2, 1, 2, -1)))
    ),
    # At an even size one more window hangs over the end.
    "ceil_average_part": unsupported(
        "aten::avg_pool2d", lambda: chain(conv(2, 3), nn.AvgPool2d(3, 2, ceil_mode=True))
    ),
    "portable": unsupported(
        "aten::convolution",
        lambda: chain(conv_relu(2, 3), nn.ConvTranspose2d(3, 2, 2, 2)),
        delegate="none",
    ),
    "float16_reflect": unsupported(
        "dim_order_ops::_to_dim_order_copy",
        lambda: conv(2, 2, padding_mode="reflect"),
        precision="float16",
    ),
    "vulkan": unsupported(
        "VulkanBackend", lambda: chain(conv_relu(2, 3), conv(3, 2)), delegate="vulkan"
    ),
}

REFUSED = {f"refused_{name}": network for name, network in {**NOT_EXACT, **UNSUPPORTED}.items()}
