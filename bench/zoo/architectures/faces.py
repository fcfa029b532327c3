"""facexlib: parsing and matting of portraits, and landmarks."""

from catalogue import LARGE, architecture


@architecture("facexlib", sizes=LARGE, quick=True)
def bisenet():
    from facexlib.parsing.bisenet import BiSeNet

    return BiSeNet(num_class=8)


@architecture("facexlib")
def parsenet():
    from facexlib.parsing.parsenet import ParseNet

    return ParseNet(128, 128, 32, base_ch=32, res_depth=2)


@architecture("facexlib", sizes=LARGE)
def modnet():
    import torch
    from facexlib.matting.modnet import MODNet

    class Matte(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = MODNet(backbone_pretrained=False)

        def forward(self, x):
            return self.network(x, False)[2]

    return Matte()
