"""segmentation_models_pytorch: decoders by encoders."""

import functools

from catalogue import LARGE, add

# decoder class, encoder, other arguments, whether it is one of the quick ones
ROWS = (
    ("Unet", "resnet18", {}, True),
    ("Unet", "timm-tf_efficientnet_lite0", {}, False),
    ("Unet", "efficientnet-b0", {}, False),
    ("Unet", "vgg11", {}, False),
    ("Unet", "tu-convnext_atto", {"encoder_depth": 4, "decoder_channels": (64, 32, 16, 8)}, False),
    ("Unet", "tu-mobilenetv4_conv_small", {}, False),
    ("Unet", "tu-dla34", {}, False),
    ("Unet", "tu-repvgg_a0", {}, False),
    ("Unet", "tu-ghostnet_100", {}, False),
    ("UnetPlusPlus", "resnet18", {}, False),
    ("MAnet", "resnet18", {}, False),
    ("Linknet", "resnet18", {}, False),
    ("FPN", "resnet18", {}, False),
    ("PSPNet", "resnet18", {}, False),
    ("PAN", "resnet18", {}, False),
    ("DeepLabV3", "resnet18", {}, False),
    ("DeepLabV3Plus", "mobilenet_v2", {}, True),
)


def make(decoder, encoder, arguments):
    import segmentation_models_pytorch as smp

    return getattr(smp, decoder)(encoder, encoder_weights=None, classes=4, **arguments)


def short(encoder):
    return encoder.removeprefix("timm-").removeprefix("tf_").removeprefix("tu-").replace("_", "-")


for decoder, encoder, arguments, quick in ROWS:
    add(
        "segmentation-models-pytorch",
        f"smp-{decoder.lower()}-{short(encoder)}",
        functools.partial(make, decoder, encoder, arguments),
        sizes=LARGE,
        quick=quick,
        source=repr((decoder, encoder, arguments)),
    )

for name, arguments in {
    "smp-unet-scse": {"decoder_attention_type": "scse"},
    "smp-unet-softmax": {"activation": "softmax2d"},
}.items():
    add(
        "segmentation-models-pytorch",
        name,
        functools.partial(make, "Unet", "resnet18", arguments),
        sizes=LARGE,
        source=repr(arguments),
    )
