"""timm: backbones, as those who build dense networks use them; the last feature map counts."""

import functools

from catalogue import LARGE, add, last_image

# name, the stages that are returned, whether it is one of the quick ones
ROWS = (
    ("convnext_atto", (0, 1, 2), True),
    ("convnextv2_atto", (0, 1, 2), False),
    ("inception_next_atto", (0, 1, 2), False),
    ("edgenext_xx_small", (0, 1, 2), False),
    ("mobilevit_xxs", (1, 2, 3), False),
    ("swin_tiny_patch4_window7_224", (0, 1), False),
    ("res2net50_26w_4s", (1, 2), False),
    ("tf_efficientnetv2_b0", (1, 2, 3), False),
    ("pvt_v2_b0", (0, 1, 2), False),
)


def make(name, stages):
    import timm

    more = {"img_size": LARGE[0], "strict_img_size": False} if name.startswith("swin") else {}
    return timm.create_model(name, pretrained=False, features_only=True, out_indices=stages, **more)


for name, stages, quick in ROWS:
    add(
        "timm",
        f"timm-{name.replace('_', '-')}",
        functools.partial(make, name, stages),
        sizes=LARGE,
        pick=last_image,
        quick=quick,
        source=repr((name, stages)),
    )
