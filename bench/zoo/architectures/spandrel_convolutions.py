"""spandrel: restoration and upscaling by convolutions."""

from catalogue import LARGE, architecture, last_image


@architecture("spandrel", channels=(1,), quick=True)
def dncnn():
    from spandrel.architectures.DnCNN.__arch.network_dncnn import DnCNN

    return DnCNN()


@architecture("spandrel", channels=(4,), quick=True)
def drunet():
    from spandrel.architectures.DRUNet.__arch.network_unet import DRUNet

    return DRUNet(in_nc=4, out_nc=3, nc=[16, 32, 64, 128], nb=2)


@architecture("spandrel")
def realesrgan_x4():
    from spandrel.architectures.ESRGAN.__arch.RRDB import RRDBNet

    return RRDBNet(num_filters=32, num_blocks=2, scale=4)


@architecture("spandrel")
def realesrgan_x2plus():
    from spandrel.architectures.ESRGAN.__arch.RRDB import RRDBNet

    return RRDBNet(in_nc=12, num_filters=32, num_blocks=2, scale=2, shuffle_factor=2)


@architecture("spandrel", quick=True)
def compact():
    from spandrel.architectures.Compact.__arch.SRVGG import SRVGGNetCompact

    return SRVGGNetCompact(num_feat=32, num_conv=8, upscale=4)


@architecture("spandrel", quick=True)
def span():
    from spandrel.architectures.SPAN.__arch.span import SPAN

    network = SPAN(num_in_ch=3, num_out_ch=3, feature_channels=32)
    for module in network.modules():  # in each run it would compute its weights from others
        if hasattr(module, "update_params"):
            module.update_params()
            module.update_params = lambda: None
    return network


@architecture("spandrel")
def swift_srgan():
    from spandrel.architectures.SwiftSRGAN.__arch.SwiftSRGAN import Generator

    return Generator(num_channels=32, num_blocks=4)


@architecture("spandrel", quick=True)
def plksr():
    from spandrel.architectures.PLKSR.__arch.PLKSR import PLKSR

    return PLKSR(dim=32, n_blocks=3)


@architecture("spandrel")
def realplksr_group_norm():
    from spandrel.architectures.PLKSR.__arch.RealPLKSR import RealPLKSR

    return RealPLKSR(dim=32, n_blocks=3)


@architecture("spandrel", quick=True)
def realplksr_layer_norm():
    from spandrel.architectures.PLKSR.__arch.RealPLKSR import RealPLKSR

    return RealPLKSR(dim=32, n_blocks=3, layer_norm=True)


@architecture("spandrel")
def mosr():
    from spandrel.architectures.MoSR.__arch.mosr_arch import MoSR

    return MoSR(n_block=3, dim=32)


@architecture("spandrel", quick=True)
def nafnet():
    from spandrel.architectures.NAFNet.__arch.NAFNet_arch import NAFNet

    return NAFNet(width=16, middle_blk_num=1, enc_blk_nums=[1, 1, 1], dec_blk_nums=[1, 1, 1])


@architecture("spandrel")
def kbnet_s():
    from spandrel.architectures.KBNet.__arch.kbnet_s import KBNet_s

    return KBNet_s(width=16, middle_blk_num=1, enc_blk_nums=[1, 1], dec_blk_nums=[1, 1])


@architecture("spandrel")
def fbcnn():
    from spandrel.architectures.FBCNN.__arch.FBCNN import FBCNN

    return FBCNN(nb=1)


@architecture("spandrel")
def mm_realsr():
    from spandrel.architectures.MMRealSR.__arch.mmrealsr_arch import MMRRDBNet_test

    return MMRRDBNet_test(
        num_in_ch=3, num_out_ch=3, num_feat=32, num_block=2, num_feats=[16, 32, 64, 128]
    )


@architecture("spandrel")
def realcugan_2x():
    from spandrel.architectures.RealCUGAN.__arch.upcunet_v3 import UpCunet2x

    return UpCunet2x()


@architecture("spandrel")
def rcan():
    from spandrel.architectures.RCAN.__arch.rcan_arch import RCAN

    return RCAN(n_resgroups=2, n_resblocks=2, n_feats=32)


@architecture("spandrel")
def safmn():
    from spandrel.architectures.SAFMN.__arch.safmn import SAFMN

    return SAFMN(dim=36, n_blocks=3)


@architecture("spandrel")
def seemore():
    from spandrel.architectures.SeemoRe.__arch.seemore_arch import SeemoRe

    return SeemoRe(num_experts=3, num_layers=2, embedding_dim=36)


@architecture("spandrel")
def mixdehaze():
    from spandrel.architectures.MixDehazeNet.__arch.MixDehazeNet import MixDehazeNet

    return MixDehazeNet()


@architecture("spandrel", channels=(3, 1))
def lama():
    from spandrel.architectures.LaMa.__arch.LaMa import LaMa

    return LaMa(in_nc=4)


@architecture("spandrel-extra-arches", pick=last_image)
def mprnet():
    from spandrel_extra_arches.architectures.MPRNet.__arch.MPRNet import MPRNet

    return MPRNet(n_feat=16, scale_unetfeats=8, scale_orsnetfeats=8, num_cab=1)


@architecture("spandrel-extra-arches")
def mirnet_v2():
    from spandrel_extra_arches.architectures.MIRNet2.__arch.mirnet_v2_arch import MIRNet_v2

    return MIRNet_v2(n_feat=32, n_MRB=1)


@architecture("spandrel-extra-arches", sizes=LARGE)
def ddcolor():
    from spandrel_extra_arches.architectures.DDColor.__arch.ddcolor import DDColor

    return DDColor(encoder_name="convnext-t", num_queries=16, dec_layers=3)
