"""super-image and torch-enhance: upscaling networks of ten years."""

from catalogue import architecture


def configured(name, **arguments):
    """A network of super-image: each has a configuration class and a model class."""
    import super_image.models

    config = getattr(super_image.models, f"{name}Config")(**arguments)
    return getattr(super_image.models, f"{name}Model")(config)


@architecture("super-image", quick=True)
def carn():
    return configured("Carn", scale=2)


@architecture("super-image")
def msrn():
    return configured("Msrn", scale=2, n_feats=32, n_blocks=2)


@architecture("super-image")
def edsr():
    return configured("Edsr", scale=2, n_resblocks=4, n_feats=32)


@architecture("super-image")
def pan_sr():
    return configured("Pan", scale=2, nb=3)


@architecture("super-image")
def a2n():
    return configured("A2n", scale=2, nb=3)


@architecture("super-image")
def awsrn():
    return configured("Awsrn", scale=2, n_resblocks=1)


@architecture("super-image")
def han():
    return configured("Han", scale=2, n_resblocks=1, n_feats=32)


@architecture("super-image")
def drn():
    return configured("Drn", scale=4, n_blocks=2)


@architecture("super-image")
def ddbpn():
    return configured("Ddbpn", scale=2)


@architecture("torch-enhance", quick=True)
def srcnn():
    from torch_enhance.models import SRCNN

    return SRCNN(2)


@architecture("torch-enhance")
def vdsr():
    from torch_enhance.models import VDSR

    return VDSR(2, num_layers=6)


@architecture("torch-enhance")
def espcn():
    from torch_enhance.models import ESPCN

    return ESPCN(3)


@architecture("torch-enhance")
def srresnet():
    from torch_enhance.models import SRResNet

    return SRResNet(4, num_blocks=4)
