"""compressai: the transforms of learned image compression, without the entropy coder between."""

from catalogue import architecture


def transforms(network):
    import torch

    return torch.nn.Sequential(network.g_a, network.g_s)


@architecture("compressai")
def factorized_prior():
    from compressai.models import FactorizedPrior

    return transforms(FactorizedPrior(32, 48))


@architecture("compressai")
def factorized_prior_relu():
    from compressai.models import FactorizedPriorReLU

    return transforms(FactorizedPriorReLU(32, 48))


@architecture("compressai")
def cheng2020_anchor():
    from compressai.models import Cheng2020Anchor

    return transforms(Cheng2020Anchor(32))


@architecture("compressai")
def cheng2020_attention():
    from compressai.models import Cheng2020Attention

    return transforms(Cheng2020Attention(32))
