"""Networks of the others, in f16 and in i8 (static quantisation).

A network that the exporter quantises has i8 values between XNNConverts; operators that it does not
quantise stand in f32 between two more of them. Weights have one scale (`int8`) or one for each
output channel (`int8_channels`).
"""

import dataclasses

HALF = (
    "conv3x3 conv_s2 conv_depthwise conv_grouped transposed_k4s2 max_pool3s2 avg_pool3s2 add sub "
    "mul maximum scalars clamp abs_neg_square ceil_floor sqrt_rsqrt exp_log "
    "sigmoid_tanh sin_cos hardswish leaky_relu prelu concat3 slice_product pad_value bilinear_up2 "
    "pixel_shuffle2 unet2 unet2_bilinear mobile nearest_up2 chunk two_inputs window_mixer "
    "window_products"
)
INT8 = (
    "conv3x3 conv_no_bias conv_s2 conv_depthwise conv_grouped transposed_k4s2 max_pool3s2 "
    "avg_pool3s2 add add_relu mul scalars constant_per_channel clamp relu6_hardtanh sigmoid_tanh "
    "hardswish concat3 concat_input slice_product pad_value bilinear_up2 pixel_shuffle2 unet2 "
    "unet2_bilinear residual mobile nearest_up2 reflect_unet two_scales window_mixer"
)
INT8_CHANNELS = (
    "conv3x3 conv_depthwise conv_depthwise_7x7 conv_grouped transposed_k4s2 unet2 window_mixer"
)


# XNNPACK computes bilinear resizing of f16, and all behind it, in f32; a clamp to another scale it
# joins with the layer before.
TILES_ONLY = ("float16_bilinear_up2", "float16_unet2_bilinear", "int8_clamp")


def at_precision(networks, names, precision):
    return {
        f"{precision}_{name}": dataclasses.replace(
            networks[name],
            precision=precision,
            positive=False,
            # Numbers in the network are converted to f16 by kernels beside the delegate.
            mixed=networks[name].mixed or precision == "float16",
            streams=f"{precision}_{name}" not in TILES_ONLY,
        )
        for name in names.split()
    }


def precisions(networks):
    return {
        **at_precision(networks, HALF, "float16"),
        **at_precision(networks, INT8, "int8"),
        **at_precision(networks, INT8_CHANNELS, "int8_channels"),
    }
