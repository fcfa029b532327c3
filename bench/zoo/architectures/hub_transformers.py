"""transformers: dense prediction by small configurations of its networks."""

from catalogue import LARGE, architecture


@architecture("transformers", sizes=LARGE)
def segformer():
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    config = SegformerConfig(
        depths=[1, 1, 1, 1],
        hidden_sizes=[16, 32, 48, 64],
        num_attention_heads=[1, 2, 3, 4],
        num_labels=4,
        decoder_hidden_size=64,
    )
    return SegformerForSemanticSegmentation(config)


@architecture("transformers", sizes=LARGE)
def glpn():
    from transformers import GLPNConfig, GLPNForDepthEstimation

    config = GLPNConfig(
        depths=[1, 1, 1, 1],
        hidden_sizes=[16, 32, 48, 64],
        num_attention_heads=[1, 2, 3, 4],
        decoder_hidden_size=32,
    )
    return maps(GLPNForDepthEstimation(config))


def maps(network):
    """A depth map (1 x rows x columns) as an image of one channel."""
    import torch

    class Maps(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, x):
            return self.network(x).predicted_depth.unsqueeze(1)

    return Maps()


@architecture("transformers", sizes=((224, 280), (280, 224)))
def depth_anything():
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    backbone = Dinov2Config(
        hidden_size=48, num_hidden_layers=4, num_attention_heads=3, image_size=224, patch_size=14,
        out_features=["stage1", "stage2", "stage3", "stage4"], reshape_hidden_states=False,
        apply_layernorm=True,
    )  # fmt: skip
    config = DepthAnythingConfig(
        backbone_config=backbone, reassemble_hidden_size=48, neck_hidden_sizes=[12, 24, 48, 48],
        fusion_hidden_size=16, head_hidden_size=8,
    )  # fmt: skip
    return maps(DepthAnythingForDepthEstimation(config))


@architecture("transformers", sizes=LARGE)
def upernet_convnext():
    from transformers import ConvNextConfig, UperNetConfig, UperNetForSemanticSegmentation

    backbone = ConvNextConfig(
        hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 1, 1],
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = UperNetConfig(
        backbone_config=backbone, hidden_size=32, num_labels=4, use_auxiliary_head=False
    )
    return UperNetForSemanticSegmentation(config)


@architecture("transformers", sizes=LARGE)
def deeplabv3_mobilenet_v2():
    from transformers import MobileNetV2Config, MobileNetV2ForSemanticSegmentation

    return MobileNetV2ForSemanticSegmentation(
        MobileNetV2Config(num_labels=4, depth_multiplier=0.35, output_stride=16)
    )


@architecture("transformers", sizes=LARGE)
def deeplabv3_mobilevit():
    from transformers import MobileViTConfig, MobileViTForSemanticSegmentation

    config = MobileViTConfig(
        num_labels=4, hidden_sizes=[32, 48, 64], neck_hidden_sizes=[8, 16, 24, 32, 48, 64, 80],
        output_stride=16,
    )  # fmt: skip
    return MobileViTForSemanticSegmentation(config)


@architecture("transformers", sizes=((256, 256), (384, 384)))  # it takes squares
def dpt():
    from transformers import DPTConfig, DPTForDepthEstimation

    config = DPTConfig(
        hidden_size=48, num_hidden_layers=4, num_attention_heads=3, intermediate_size=96,
        image_size=256, backbone_out_indices=[0, 1, 2, 3], neck_hidden_sizes=[12, 24, 48, 48],
        fusion_hidden_size=16, is_hybrid=False,
    )  # fmt: skip
    return maps(DPTForDepthEstimation(config))
