"""ultralytics: the finest map of a detector's head, boxes and classes of every cell."""

from catalogue import LARGE, architecture


def finest(name):
    """The network of a configuration that the package ships.

    Its own head goes on to decode boxes and to join the maps of all sizes, which is not dense.
    """
    import torch
    from ultralytics.nn.tasks import DetectionModel

    class Finest(torch.nn.Module):
        def __init__(self, head):
            super().__init__()
            self.i, self.f = head.i, head.f  # where the package's own loop puts it
            self.boxes, self.classes = head.cv2[0], head.cv3[0]

        def forward(self, maps):
            return torch.cat((self.boxes(maps[0]), self.classes(maps[0])), dim=1)

    network = DetectionModel(name, ch=3, nc=4, verbose=False)
    network.model[-1] = Finest(network.model[-1])
    return network


@architecture("ultralytics", sizes=LARGE)
def yolov8n_p3():
    return finest("yolov8n.yaml")


@architecture("ultralytics", sizes=LARGE)
def yolo11n_p3():
    return finest("yolo11n.yaml")
