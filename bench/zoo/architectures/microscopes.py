"""cellpose and instanseg: cells in microscope images."""

from catalogue import architecture


@architecture("cellpose", channels=(2,), quick=True)
def cellpose3():
    from cellpose.resnet_torch import CPnet

    return CPnet([2, 16, 32, 64, 128], 3, 3)


@architecture("instanseg-torch", quick=True)
def instanseg_batch():
    from instanseg.utils.models.InstanSeg_UNet import InstanSeg_UNet

    return InstanSeg_UNet(3, [2, 2, 1], layers=[128, 64, 32, 16])


@architecture("instanseg-torch")
def instanseg_instance():
    from instanseg.utils.models.InstanSeg_UNet import InstanSeg_UNet

    return InstanSeg_UNet(3, [2, 2, 1], layers=[128, 64, 32, 16], norm="instance")
