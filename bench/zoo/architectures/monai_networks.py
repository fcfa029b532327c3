"""MONAI: networks for medical images, in two dims."""

from catalogue import architecture

BATCH = ("batch", {})


@architecture("monai", name="monai-unet-batch", channels=(1,), quick=True)
def unet_batch():
    from monai.networks.nets import UNet

    return UNet(2, 1, 2, (16, 32, 64, 128), (2, 2, 2), num_res_units=2, norm="batch")


@architecture("monai", name="monai-unet-instance", channels=(1,), quick=True)
def unet_instance():
    from monai.networks.nets import UNet

    return UNet(2, 1, 2, (16, 32, 64, 128), (2, 2, 2), num_res_units=2)


@architecture("monai", name="monai-dynunet-batch", channels=(1,))
def dynunet_batch():
    from monai.networks.nets import DynUNet

    return DynUNet(2, 1, 2, [3, 3, 3], [1, 2, 2], [2, 2], [16, 32, 64], norm_name="batch")


@architecture("monai", name="monai-segresnet-batch", channels=(1,))
def segresnet_batch():
    from monai.networks.nets import SegResNet

    return SegResNet(2, 8, 1, 2, norm=BATCH, upsample_mode="deconv")


@architecture("monai", name="monai-segresnet-group", channels=(1,))
def segresnet_group():
    from monai.networks.nets import SegResNet

    return SegResNet(2, 8, 1, 2)


@architecture("monai", name="monai-basicunet-batch", channels=(1,))
def basicunet_batch():
    from monai.networks.nets import BasicUNet

    return BasicUNet(2, 1, 2, (16, 16, 32, 64, 128, 16), norm=BATCH)


@architecture("monai", name="monai-basicunet-nontrainable", channels=(1,))
def basicunet_nontrainable():
    from monai.networks.nets import BasicUNet

    return BasicUNet(2, 1, 2, (16, 16, 32, 64, 128, 16), norm=BATCH, upsample="nontrainable")


@architecture("monai", name="monai-basicunetplusplus", channels=(1,))
def basicunetplusplus():
    from monai.networks.nets import BasicUNetPlusPlus

    return BasicUNetPlusPlus(2, 1, 2, (16, 16, 32, 64, 128, 16))


@architecture("monai", name="monai-attentionunet", channels=(1,))
def attentionunet():
    from monai.networks.nets import AttentionUnet

    return AttentionUnet(2, 1, 2, (16, 32, 64, 128), (2, 2, 2))


@architecture("monai", name="monai-highresnet", channels=(1,))
def highresnet():
    from monai.networks.nets import HighResNet

    return HighResNet(2, 1, 2)


@architecture("monai", name="monai-vnet", channels=(1,))
def vnet():
    from monai.networks.nets import VNet

    return VNet(2, 1, 2, dropout_dim=2)


@architecture("monai", name="monai-flexibleunet", channels=(3,), sizes=((256, 320), (384, 256)))
def flexibleunet():
    from monai.networks.nets import FlexibleUNet

    return FlexibleUNet(3, 2, "resnet18")


@architecture("monai", name="monai-unetr", channels=(1,))
def unetr():
    from monai.networks.nets import UNETR

    return UNETR(1, 2, (128, 160), hidden_size=96, mlp_dim=192, num_heads=4, spatial_dims=2)


@architecture("monai", name="monai-swinunetr", channels=(1,))
def swinunetr():
    from monai.networks.nets import SwinUNETR

    return SwinUNETR(1, 2, depths=(1, 1, 1, 1), feature_size=12, spatial_dims=2, window_size=4)


@architecture("monai", name="monai-mednext", channels=(1,))
def mednext():
    from monai.networks.nets import MedNeXt

    return MedNeXt(
        2, 8, 1, 2, blocks_down=(1, 1), blocks_bottleneck=1, blocks_up=(1, 1), kernel_size=3
    )


@architecture("monai", name="monai-autoencoderkl", channels=(1,))
def autoencoderkl():
    import torch
    from monai.networks.nets import AutoencoderKL

    class Reconstruct(torch.nn.Module):
        def __init__(self, network):
            super().__init__()
            self.network = network

        def forward(self, x):
            return self.network.reconstruct(x)

    return Reconstruct(AutoencoderKL(2, 1, 1, (1, 1), (16, 32), (False, True), norm_num_groups=8))


@architecture("monai", name="monai-vqvae-encoder", channels=(1,))
def vqvae_encoder():
    from monai.networks.nets import VQVAE

    return VQVAE(
        2, 1, 1, (16, 32), 1, (16, 32), ((2, 4, 1, 1),) * 2, ((2, 4, 1, 1, 0),) * 2
    ).encoder
