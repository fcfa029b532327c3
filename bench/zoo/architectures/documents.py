"""python-doctr: text in documents."""

from catalogue import LARGE, architecture


@architecture("python-doctr", sizes=LARGE)
def doctr_linknet18():
    from doctr.models.detection import linknet_resnet18

    return linknet_resnet18(pretrained=False, pretrained_backbone=False, exportable=True)


@architecture("python-doctr", sizes=LARGE)
def doctr_fast_tiny():
    from doctr.models.detection import fast_tiny

    return fast_tiny(pretrained=False, pretrained_backbone=False, exportable=True)


@architecture("python-doctr", sizes=LARGE)
def doctr_dbnet_resnet34():
    from doctr.models.detection import db_resnet34

    return db_resnet34(pretrained=False, pretrained_backbone=False, exportable=True)
