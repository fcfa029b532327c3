"""The networks that Sectile must cut exactly.

Each becomes programs/NAME.pte, one XNNPACK delegate and nothing else. A network with `positive` is
exported a second time as NAME_positive, all its weights above zero: with input above zero, every
path through it then carries a change forward, so that the reach found by changing pixels is the
reach that its layers define. (A change fades as it goes deeper: make it large, 1e6 or more.)
"""

import torch
from torch import nn
from torch.nn import functional as F

from architectures import (
    EDSR,
    ESRGAN,
    FPN,
    SRVGG,
    AtrousPyramid,
    LinkNet,
    context,
    deep_residual,
    densenet,
    dncnn,
    googlenet,
    mobilenet_v2,
    resnet_encoder,
    resnet_segmenter,
)
from definition import Network
from guided import GUIDED
from image_statistics import STATISTICS
from kernels import KERNELS
from layers import (
    Constant,
    Do,
    EfficientSubPixel,
    FeaturePyramid,
    Inception,
    InvertedResidual,
    UNet,
    between,
    bilinear,
    chain,
    conv,
    conv_norm_relu,
    conv_relu,
    depthwise,
    residual,
    resized_by,
    transposed,
)
from mixed import MIXED
from precisions import precisions
from windows import WINDOWS


def four_conv():
    return chain(conv_relu(1, 8), conv_relu(8, 8), conv_relu(8, 8), conv(8, 1))


def positive(make, **options):
    return Network(make, positive=True, **options)


def after_conv(*layers, **options):
    """`layers` behind a 3x3 convolution, so that they meet borders that are not the image's."""
    return Network(lambda: chain(conv(2, 4), *layers), **options)


CONVOLUTIONS = {
    "conv3x3": positive(lambda: conv(2, 3)),
    "conv_one_channel": positive(lambda: conv(1, 3), channels=1),
    "conv_no_bias": positive(lambda: conv(2, 3, bias=False)),
    "conv_s2": positive(lambda: conv(2, 3, stride=2)),
    "conv_s2_twice": positive(lambda: chain(conv_relu(2, 3, stride=2), conv(3, 2, 5, stride=2))),
    "conv_s3": positive(lambda: chain(conv(2, 3, 5, stride=3), conv_relu(3, 2))),
    "conv_7x7_s2": positive(lambda: chain(conv_relu(2, 3, 7, stride=2), conv(3, 2, 5))),
    "conv_1x1_s2": positive(lambda: chain(conv(2, 3, 1, stride=2), conv(3, 2))),
    "conv_oblong": positive(lambda: chain(conv_relu(2, 3, (1, 5)), conv(3, 2, (5, 3)))),
    "conv_oblong_stride": positive(
        lambda: nn.Conv2d(2, 3, (5, 3), stride=(3, 2), padding=(1, 2), dilation=(1, 3))
    ),
    "conv_wide_padding": positive(lambda: nn.Conv2d(2, 3, 3, padding=(3, 2))),
    "conv_valid": positive(lambda: chain(conv_relu(2, 3, padding=0), conv(3, 2, 5, padding=0))),
    "conv_2x2": positive(lambda: nn.Conv2d(2, 3, 2, padding=1)),
    "conv_2x2_valid": positive(
        lambda: chain(conv_relu(2, 3, 2, padding=0), conv(3, 2, 2, padding=0))
    ),
    "conv_4x4_s2": positive(lambda: nn.Conv2d(2, 3, 4, stride=2, padding=1)),
    "conv_dilated": positive(
        lambda: chain(
            *(conv_relu(2, 2, dilation=d) for d in (1, 2, 4)), conv(2, 2, dilation=(3, 1))
        )
    ),
    "conv_grouped": positive(lambda: chain(conv(4, 6, groups=2), conv(6, 4, groups=2)), channels=4),
    "conv_depthwise": positive(lambda: chain(depthwise(3), depthwise(3, 5, stride=2)), channels=3),
    "conv_depthwise_7x7": positive(
        lambda: chain(conv(3, 64, 1), depthwise(64, 7), conv(64, 3, 1)), channels=3
    ),
    "conv_depthwise_multiplier": positive(lambda: conv(3, 6, groups=3), channels=3),
    "classes_300": Network(lambda: conv(3, 300), channels=3),
    # Tests write other facts over these: there is room for 200 bytes.
    "with_facts": Network(
        lambda: conv(3, 4), channels=3, facts='{"description": "in the program"}'.ljust(200)
    ),
    "pointwise_only": positive(lambda: chain(conv_relu(3, 4, 1), conv(4, 2, 1)), channels=3),
    "channels_64": positive(
        lambda: chain(conv_relu(64, 16, 1), conv(16, 16, groups=4), conv(16, 64, 1)), channels=64
    ),
    "four_conv": positive(four_conv, channels=1),
    "four_conv_norm": positive(
        lambda: chain(*(conv_norm_relu(3, 3) for _ in range(3)), conv(3, 3)), channels=3
    ),
}

TRANSPOSED = {
    "transposed_k2s2": positive(lambda: chain(conv(2, 3), transposed(3, 2, 2, 2))),
    "transposed_k4s2": positive(lambda: chain(conv(2, 3), transposed(3, 2, 4, 2, 1))),
    "transposed_k3s2": positive(lambda: chain(conv(2, 3), transposed(3, 2, 3, 2, 1, 1))),
    "transposed_k3s1": positive(lambda: transposed(2, 3, 3, 1, 1)),
    "transposed_k3s3": positive(lambda: chain(transposed(2, 3, 3, 3), conv_relu(3, 2))),
    "transposed_oblong": positive(lambda: transposed(2, 3, (4, 3), (2, 1), (1, 1))),
    "transposed_grouped": positive(lambda: transposed(4, 4, 4, 2, 1, groups=2), channels=4),
    "down_up_k4s2": positive(
        lambda: chain(
            conv_relu(2, 3, stride=2),
            conv_relu(3, 4, stride=2),
            transposed(4, 3, 4, 2, 1),
            nn.ReLU(),
            transposed(3, 2, 4, 2, 1),
        )
    ),
}

POOLS = {
    # Of even sizes the file does not tell whether an odd row is left out.
    "max_pool2": positive(lambda: chain(conv_relu(2, 3), nn.MaxPool2d(2), conv(3, 2)), step=2),
    "max_pool2_odd": positive(
        lambda: chain(conv_relu(2, 3), nn.MaxPool2d(2), conv(3, 2)), size=(25, 21)
    ),
    "max_pool2_ceil": positive(
        lambda: chain(conv_relu(2, 3), nn.MaxPool2d(2, ceil_mode=True), conv(3, 2)), size=(24, 21)
    ),
    "max_pool3s2_ceil": positive(
        lambda: chain(conv_relu(2, 3), nn.MaxPool2d(3, 2, 1, ceil_mode=True), conv(3, 2))
    ),
    "max_pool3s3_ceil": Network(
        lambda: chain(conv(2, 3), nn.MaxPool2d(3, 3, ceil_mode=True), conv(3, 2)), size=(25, 23)
    ),
    "max_pools_ceil": Network(
        lambda: chain(
            conv_relu(2, 3),
            nn.MaxPool2d(2, ceil_mode=True),
            conv_relu(3, 3),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            conv(3, 2),
        ),
        size=(25, 23),
    ),
    "max_pool3s2": positive(lambda: chain(conv_relu(2, 3), nn.MaxPool2d(3, 2, 1), conv(3, 2))),
    "max_pool3s2_negative": Network(
        lambda: chain(conv(2, 3), lambda x: -torch.abs(x) - 1.0, nn.MaxPool2d(3, 2, 1))
    ),
    "max_pool_dilated": positive(lambda: chain(conv(2, 3), nn.MaxPool2d(3, 1, 1, dilation=2))),
    "max_pool_oblong": positive(lambda: chain(conv(2, 3), nn.MaxPool2d((3, 2), (2, 1)))),
    "avg_pool2": positive(lambda: chain(conv_relu(2, 3), nn.AvgPool2d(2), conv(3, 2))),
    "avg_pool3s1": positive(
        lambda: chain(conv(2, 3), nn.AvgPool2d(3, 1, 1, count_include_pad=False))
    ),
    "avg_pool3s2": positive(
        lambda: chain(conv(2, 3), nn.AvgPool2d(3, 2, 1, count_include_pad=False), conv(3, 2))
    ),
    "avg_pool_oblong": positive(lambda: nn.AvgPool2d((4, 2), (2, 1))),
}

BINARY = {
    "add": positive(lambda: between(torch.add)),
    "sub": Network(lambda: between(torch.sub)),
    "mul": positive(lambda: between(torch.mul)),
    "div": Network(lambda: between(lambda a, b: a / (b * b + 0.5))),
    "maximum": Network(lambda: between(torch.maximum)),
    "minimum": Network(lambda: between(torch.minimum)),
    "add_relu": Network(lambda: between(lambda a, b: torch.relu(a + b))),
    "broadcast_one_channel": positive(
        lambda: Do(lambda a, b, x: a(x) * b(x), conv(2, 3), conv(2, 1, 5))
    ),
    "scalars": after_conv(lambda x: 3.0 - (x * 0.5 + 1.25) / 0.3, lambda x: 2.0 * x),
    "constant_per_channel": after_conv(
        Constant((1, 4, 1, 1), torch.mul), Constant((4, 1, 1), torch.add)
    ),
    "constant_single": after_conv(Constant((1,), torch.mul), Constant((1, 1, 1, 1), torch.sub)),
    "constant_maximum": after_conv(Constant((1, 4, 1, 1), torch.maximum)),
}

POINTWISE = {
    "clamp": after_conv(lambda x: x.clamp(-0.5, 0.75), conv(4, 2)),
    "clamp_one_side": after_conv(
        lambda x: x.clamp(min=-0.25), lambda x: -x, lambda x: x.clamp(max=0.1)
    ),
    "relu6_hardtanh": after_conv(nn.ReLU6(), conv(4, 4), nn.Hardtanh(-0.3, 0.4)),
    "relu_alone": after_conv(lambda x: torch.relu(-x)),
    "abs_neg_square": after_conv(torch.abs, torch.neg, conv(4, 2), lambda x: x**2),
    "ceil_floor": after_conv(lambda x: torch.ceil(3.0 * x) + torch.floor(5.0 * x), conv(4, 2)),
    "sqrt_rsqrt": after_conv(lambda x: torch.sqrt(x.abs()) + torch.rsqrt(x * x + 0.5)),
    "exp_log": after_conv(lambda x: torch.log(torch.exp(x) + 1.0)),
    "sigmoid_tanh": after_conv(nn.Sigmoid(), conv(4, 4), nn.Tanh(), conv(4, 2)),
    "gelu": after_conv(nn.GELU(), conv(4, 2)),
    "gelu_tanh": after_conv(nn.GELU(approximate="tanh")),
    "silu": after_conv(nn.SiLU(), conv(4, 2)),
    "hardswish": after_conv(nn.Hardswish(), conv(4, 2)),
    "leaky_relu": after_conv(nn.LeakyReLU(0.2), conv(4, 2)),
    "prelu": after_conv(nn.PReLU(4), conv(4, 2)),
    "prelu_shared": after_conv(nn.PReLU(), conv(4, 2)),
    "sin_cos": after_conv(lambda x: torch.sin(x) * torch.cos(2.0 * x)),
    "batch_norm_alone": after_conv(torch.abs, nn.BatchNorm2d(4)),
    "softplus_mish": after_conv(lambda x: x * torch.tanh(torch.log(1.0 + torch.exp(x)))),
}

CHANNELS = {
    **{
        f"concat{count}": positive(
            lambda count=count: Do(
                lambda *args: torch.cat([layer(args[-1]) for layer in args[:-1]], dim=1),
                *(conv(2, 2 + i % 2, 2 * i + 1) for i in range(count)),
            )
        )
        for count in (2, 3, 4, 5, 6)
    },
    "concat_input": positive(lambda: Do(lambda a, x: torch.cat([x, a(x)], 1), conv(2, 2, 5))),
    "slice_channels": positive(lambda: chain(conv(2, 6), lambda x: x[:, 1:4], conv(3, 2))),
    "slice_product": positive(lambda: chain(conv(2, 6), lambda x: x[:, :3] * x[:, 3:], conv(3, 2))),
    "slice_gate": Network(
        lambda: chain(conv(2, 4), lambda x: x[:, :2] * torch.sigmoid(x[:, 2:]), conv(2, 2))
    ),
    "channel_shuffle": positive(
        lambda: chain(conv(2, 6, groups=2), nn.ChannelShuffle(3), conv(6, 2, groups=2))
    ),
}

SPACE = {
    "pad_zero": positive(
        lambda: chain(conv(2, 3), lambda x: F.pad(x, (1, 2, 3, 0)), conv(3, 2, padding=0))
    ),
    "pad_value": positive(
        lambda: chain(lambda x: F.pad(x, (2, 0, 1, 1), value=0.7), conv(2, 3, padding=0))
    ),
    "pad_channels": positive(lambda: chain(lambda x: F.pad(x, (0, 1, 0, 0, 1, 2)), conv(5, 2))),
    "pad_strided": positive(
        lambda: chain(lambda x: F.pad(x, (0, 1, 0, 1)), conv(2, 3, stride=2, padding=0)), step=2
    ),
    "crop": positive(lambda: chain(conv(2, 3), lambda x: x[:, :, 2:-1, 1:-3], conv(3, 2))),
    "crop_strided": positive(
        lambda: chain(conv(2, 3, stride=2), lambda x: x[:, :, :-1, :-1], transposed(3, 2, 4, 2, 1)),
        step=2,
    ),
    "crop_to_skip": positive(
        lambda: Do(
            lambda a, b, x: b(torch.relu(a(x)) + x[:, :, 2:-2, 2:-2]),
            conv(2, 2, 5, padding=0),
            conv(2, 3),
        )
    ),
    "bilinear_up2": positive(lambda: chain(conv_relu(2, 3), lambda x: bilinear(x, 2), conv(3, 2))),
    "bilinear_up4": positive(lambda: chain(conv_relu(2, 3), lambda x: bilinear(x, 4))),
    "bilinear_up2_wide": positive(lambda: chain(conv(2, 3), lambda x: bilinear(x, (1, 2)))),
    "bilinear_down2": positive(
        lambda: chain(conv(2, 3), lambda x: bilinear(x, 0.5), conv(3, 2)), step=2
    ),
    "bilinear_down4": positive(lambda: chain(lambda x: bilinear(x, 0.25), conv(2, 2)), step=4),
    "bilinear_down_up": positive(
        lambda: Do(
            lambda a, b, x: b(bilinear(a(bilinear(x, 0.5)), 2)) + x, conv_relu(2, 3), conv(3, 2)
        ),
        step=2,
    ),
    # Positions that are rounded differently far from the origin, or depend on the image's size.
    "bilinear_up3": positive(lambda: chain(conv_relu(2, 3), lambda x: bilinear(x, 3), conv(3, 2))),
    "bilinear_up5_3": positive(
        lambda: chain(conv_relu(2, 3), lambda x: resized_by(x, 5, 3), conv(3, 2)),
        size=(24, 30),
        step=3,
    ),
    "bilinear_down3": positive(
        lambda: chain(conv(2, 3), lambda x: resized_by(x, 1, 3), conv(3, 2)),
        size=(24, 30),
        step=3,
    ),
    "bilinear_aligned": positive(
        lambda: chain(conv_relu(2, 9), lambda x: bilinear(x, 2, align_corners=True), conv(9, 2))
    ),
    "bilinear_aligned_down": positive(
        lambda: chain(conv(2, 3), lambda x: bilinear(x, 0.5, align_corners=True), conv(3, 2)),
        step=2,
    ),
    "bilinear_aligned_skip": positive(
        lambda: Do(
            lambda a, b, x: b(bilinear(a(x), 4, align_corners=True)) + bilinear(x, 4),
            conv_relu(2, 3),
            conv(3, 2),
        )
    ),
    "pixel_shuffle2": positive(lambda: chain(conv(2, 8), nn.PixelShuffle(2))),
    "pixel_shuffle3": positive(lambda: chain(conv(2, 9), nn.PixelShuffle(3), conv(1, 2))),
    "pixel_unshuffle2": positive(lambda: chain(nn.PixelUnshuffle(2), conv(8, 3)), step=2),
    "pixel_unshuffle_shuffle": positive(
        lambda: chain(nn.PixelUnshuffle(2), conv_relu(8, 4), conv(4, 8), nn.PixelShuffle(2)), step=2
    ),
}

ARCHITECTURES = {
    "unet1": positive(lambda: UNet(1), channels=3, step=2),
    "unet2": positive(lambda: UNet(2), channels=3, step=4),
    "unet3": positive(lambda: UNet(3), channels=3, size=(48, 40), step=8),
    "unet1_bilinear": positive(lambda: UNet(1, strided=True), channels=3, step=2),
    "unet2_bilinear": positive(lambda: UNet(2, strided=True), channels=3, size=(32, 24), step=4),
    "unet2_aligned": positive(
        lambda: UNet(2, strided=True, aligned=True), channels=3, size=(32, 24), step=4
    ),
    "unet3_bilinear": positive(lambda: UNet(3, strided=True), channels=3, size=(48, 40), step=8),
    "residual": positive(
        lambda: chain(conv_relu(1, 3), residual(3), residual(3), conv(3, 1)), channels=1
    ),
    "denoiser": Network(lambda: Do(lambda a, x: x - a(x), four_conv()), channels=1),
    "efficient_sub_pixel": positive(EfficientSubPixel, channels=1),
    "inception": positive(Inception),
    "feature_pyramid": positive(FeaturePyramid, size=(32, 40), step=8),
    "mobile": positive(
        lambda: chain(
            conv(3, 4, stride=2),
            nn.Hardswish(),
            InvertedResidual(4, 8),
            InvertedResidual(4, 8),
            conv(4, 8, 1),
            nn.PixelShuffle(2),
        ),
        channels=3,
        step=2,
    ),
    "dncnn": Network(dncnn, channels=1),
    "resnet_encoder": positive(resnet_encoder, channels=3, size=(48, 40)),
    "resnet_segmenter": positive(resnet_segmenter, channels=3, size=(48, 40), step=8),
    "srvgg": positive(SRVGG, channels=3),
    "edsr": positive(EDSR, channels=1),
    "context": positive(context, size=(48, 40)),
    "atrous_pyramid": positive(AtrousPyramid, size=(32, 28), step=2),
    "deep_residual": positive(deep_residual, channels=1),
    "mobilenet_v2": Network(mobilenet_v2, channels=3, size=(48, 40)),
    "googlenet": positive(googlenet),
    "densenet": positive(densenet),
    "linknet": positive(LinkNet, channels=3, step=4),
    "esrgan": positive(ESRGAN, channels=1, mixed=True),
    "fpn": positive(FPN, size=(32, 40), step=8, mixed=True, output_sizes=3),
}

EXPORTS = {
    "export_channels_last": Network(
        lambda: chain(conv_relu(3, 4), conv(4, 2)), channels=3, channels_last=True
    ),
    "export_channels_last_unet": Network(lambda: UNet(1), channels=3, step=2, channels_last=True),
    "export_unplanned": Network(four_conv, channels=1, planned=False),
    "export_dynamic": Network(four_conv, channels=1, dynamic=(96, 128)),
    "export_dynamic_unet": Network(lambda: UNet(2), channels=3, step=4, dynamic=(96, 128)),
    "export_methods": Network(
        lambda: UNet(1), channels=3, step=2, methods={"small": (16, 24), "large": (64, 48)}
    ),
}

FLOATS = {
    **CONVOLUTIONS,
    **TRANSPOSED,
    **POOLS,
    **BINARY,
    **POINTWISE,
    **CHANNELS,
    **SPACE,
    **ARCHITECTURES,
    **EXPORTS,
    **MIXED,
    **KERNELS,
    **WINDOWS,
    **STATISTICS,
    **GUIDED,
}

NETWORKS = {**FLOATS, **precisions(FLOATS)}
