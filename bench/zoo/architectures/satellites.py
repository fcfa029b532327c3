"""torchgeo: land cover, and what changed between two scenes."""

from catalogue import LARGE, architecture


@architecture("torchgeo", channels=(4,))
def torchgeo_fcn():
    from torchgeo.models import FCN

    return FCN(4, 5, 32)


@architecture("torchgeo", sizes=LARGE)
def farseg():
    from torchgeo.models import FarSeg

    return FarSeg("resnet18", 4, backbone_pretrained=False)


def two_dates(network):
    """A network of two scenes (1 x 2 x channels x rows x columns), of one image of six bands."""
    import torch

    class TwoDates(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, x):
            return self.network(torch.stack((x[:, :3], x[:, 3:]), dim=1))

    return TwoDates()


@architecture("torchgeo", channels=(6,), sizes=LARGE)
def fcsiam_conc():
    from torchgeo.models import FCSiamConc

    return two_dates(FCSiamConc("resnet18", encoder_weights=None, classes=2))


@architecture("torchgeo", channels=(6,), sizes=LARGE)
def fcsiam_diff():
    from torchgeo.models import FCSiamDiff

    return two_dates(FCSiamDiff("resnet18", encoder_weights=None, classes=2))
