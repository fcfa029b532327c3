"""torchvision: its segmentation networks, and the networks of its optical flow's ingredients."""

from catalogue import LARGE, architecture


@architecture("torchvision", name="torchvision-fcn-resnet50", sizes=LARGE)
def fcn():
    from torchvision.models.segmentation import fcn_resnet50

    return fcn_resnet50(weights=None, weights_backbone=None, num_classes=4)


@architecture("torchvision", name="torchvision-deeplabv3-resnet50", sizes=LARGE)
def deeplab_resnet():
    from torchvision.models.segmentation import deeplabv3_resnet50

    return deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=4)


@architecture("torchvision", name="torchvision-deeplabv3-mobilenet-v3", sizes=LARGE)
def deeplab_mobilenet():
    from torchvision.models.segmentation import deeplabv3_mobilenet_v3_large

    return deeplabv3_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=4)
