"""controlnet-aux and kornia: edges, lines, drawings."""

from catalogue import LARGE, architecture, last_image


@architecture("controlnet-aux")
def hed():
    import torch
    from controlnet_aux.hed import ControlNetHED_Apache2

    class Edges(torch.nn.Module):
        """The mean of its five maps, at the image's size, as those who use it compute it."""

        def __init__(self):
            super().__init__()
            self.network = ControlNetHED_Apache2()
            self.upsamplings = torch.nn.ModuleList(
                torch.nn.Upsample(scale_factor=2**level, mode="bilinear") for level in range(1, 5)
            )

        def forward(self, x):
            finest, *maps = self.network(x)
            for upsampling, edges in zip(self.upsamplings, maps, strict=True):
                finest = finest + upsampling(edges)
            return (finest / 5).sigmoid()

    return Edges()


@architecture("controlnet-aux", quick=True, pick=last_image)
def pidinet():
    from controlnet_aux.pidi.model import pidinet

    return pidinet()


@architecture("controlnet-aux", quick=True, pick=last_image)
def teed():
    from controlnet_aux.teed.ted import TED

    return TED()


@architecture("controlnet-aux")
def lineart_generator():
    from controlnet_aux.lineart import Generator

    return Generator(3, 1, 3)


@architecture("controlnet-aux", sizes=LARGE)
def pix2pix_unet():
    import torch
    from controlnet_aux.lineart_anime import UnetGenerator

    return UnetGenerator(3, 1, 6, ngf=16, norm_layer=torch.nn.BatchNorm2d)


@architecture("controlnet-aux", channels=(4,), sizes=LARGE)
def mlsd_tiny():
    from controlnet_aux.mlsd.models.mbv2_mlsd_tiny import MobileV2_MLSD_Tiny

    return MobileV2_MLSD_Tiny()


@architecture("kornia")
def dexined():
    from kornia.models.dexined import DexiNed

    return DexiNed(pretrained=False)


@architecture("kornia", channels=(1,))
def small_sr():
    from kornia.models.small_sr import SmallSRNet

    return SmallSRNet(3, pretrained=False)
