"""spandrel: restoration and upscaling with attention, in windows, over channels or over the image.

A window of 8 divides both exports; so does one of 16.
"""

from catalogue import architecture


@architecture("spandrel", quick=True)
def swinir():
    from spandrel.architectures.SwinIR.__arch.SwinIR import SwinIR

    return SwinIR(
        embed_dim=36, depths=[2, 2], num_heads=[3, 3], window_size=8, upscale=2, mlp_ratio=2.0,
        upsampler="pixelshuffledirect",
    )  # fmt: skip


@architecture("spandrel")
def swin2sr():
    from spandrel.architectures.Swin2SR.__arch.Swin2SR import Swin2SR

    return Swin2SR(
        embed_dim=36, depths=[2, 2], num_heads=[3, 3], window_size=8, upscale=2, mlp_ratio=2.0,
        upsampler="pixelshuffledirect",
    )  # fmt: skip


@architecture("spandrel")
def hat():
    from spandrel.architectures.HAT.__arch.HAT import HAT

    return HAT(
        embed_dim=36, depths=(2,), num_heads=(3,), window_size=16, upscale=2, mlp_ratio=2.0,
        upsampler="pixelshuffle",
    )  # fmt: skip


@architecture("spandrel")
def dat():
    from spandrel.architectures.DAT.__arch.DAT import DAT

    return DAT(embed_dim=32, split_size=[8, 16], depth=[2], num_heads=[2], expansion_factor=2.0)


@architecture("spandrel")
def drct():
    from spandrel.architectures.DRCT.__arch.drct_arch import DRCT

    return DRCT(
        embed_dim=36, depths=(2,), num_heads=(3,), window_size=16, upscale=2, mlp_ratio=2.0, gc=12,
        upsampler="pixelshuffle",
    )  # fmt: skip


@architecture("spandrel")
def atd():
    from spandrel.architectures.ATD.__arch.atd_arch import ATD

    return ATD(
        embed_dim=36, depths=(2,), num_heads=(3,), window_size=8, category_size=128, num_tokens=16,
        reducted_dim=4, upscale=2, upsampler="pixelshuffledirect",
    )  # fmt: skip


@architecture("spandrel")
def craft_sr():
    from spandrel.architectures.CRAFT.__arch.CRAFT import CRAFT

    return CRAFT(depths=[2], num_heads=[6], upscale=2)


@architecture("spandrel")
def ditn():
    from spandrel.architectures.DITN.__arch.DITN_Real import DITN_Real

    return DITN_Real(dim=36, ITL_blocks=1, SAL_blocks=1, UFONE_blocks=1, upscale=2)


@architecture("spandrel")
def omnisr():
    from spandrel.architectures.OmniSR.__arch.OmniSR import OmniSR

    return OmniSR(num_feat=32, up_scale=2)


@architecture("spandrel")
def scunet():
    from spandrel.architectures.SCUNet.__arch.SCUNet import SCUNet

    return SCUNet(config=[1, 1, 1, 1, 1, 1, 1])


@architecture("spandrel", sizes=((128, 128), (256, 256)))  # it takes squares
def uformer():
    from spandrel.architectures.Uformer.__arch.Uformer import Uformer

    return Uformer(img_size=128, embed_dim=16, depths=[1] * 9)


@architecture("spandrel")
def fftformer():
    from spandrel.architectures.FFTformer.__arch.fftformer_arch import FFTformer

    return FFTformer(dim=16, num_blocks=[1, 1, 1], num_refinement_blocks=1)


@architecture("spandrel")
def retinexformer():
    from spandrel.architectures.RetinexFormer.__arch.retinexformer_arch import RetinexFormer

    return RetinexFormer(n_feat=16, stage=1)


@architecture("spandrel")
def hvi_cidnet():
    from spandrel.architectures.HVICIDNet.__arch.cidnet import CIDNet

    return CIDNet(channels=[12, 12, 24, 48])


@architecture("spandrel-extra-arches")
def restormer():
    from spandrel_extra_arches.architectures.Restormer.__arch.restormer_arch import Restormer

    return Restormer(dim=16, num_blocks=[1, 1, 1, 1], num_refinement_blocks=1)
