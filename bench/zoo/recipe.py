"""From an architecture to its programs: weights, the usual export, and what PyTorch says of it."""

import zlib

import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import to_edge_transform_and_lower

NOISE = 0.1  # of parameters that start as one number
DULL = 0.01  # an output that varies less hardly depends on the image
LEAST_VARIANCE = 1e-3  # of a channel, where a norm's statistics are measured
LINEAR = (torch.nn.Conv2d, torch.nn.ConvTranspose2d, torch.nn.Linear)
STRIP_COLUMNS = 2048  # of the strip that shows how far a change travels
EDGE = 16  # columns that change at its left end
CHANGE = 8  # far beyond what values there are, so that means change too


def find_torchvision():
    """Lets torchvision be imported beside a PyTorch that its compiled library does not fit.

    PyPI's wheel is for CUDA. It wants two operators to exist, and no network here calls them.
    """
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        return library  # the operators exist as long as it does
    return None


class Dense(torch.nn.Module):
    """The network with what it returns picked out."""

    def __init__(self, module, pick):
        super().__init__()
        self.module = module
        self.pick = pick

    def forward(self, *inputs):
        return self.pick(self.module(*inputs))


def settle(module):
    """Weights as training leaves them: no branch is off, no norm does nothing.

    Many networks start with branches that are multiplied by 0 or 1e-6, and with statistics of 0 and
    1. An error in such a branch would not show.
    """
    for parameter in module.parameters():
        if parameter.numel() and bool((parameter == parameter.flatten()[0]).all()):
            parameter.add_(NOISE * (1 + torch.randn_like(parameter)))
    for name, buffer in module.named_buffers():
        if name.endswith("running_mean"):
            buffer.add_(NOISE * torch.randn_like(buffer))
        elif name.endswith("running_var"):
            buffer.mul_(torch.empty_like(buffer).uniform_(0.5, 1.5))


def enliven(module, inputs):
    """Weights large enough, and statistics of what really comes, so that no layer's signal dies.

    Many packages start with weights so small that the biases alone decide, 16 layers later.
    """
    for layer in module.modules():
        if isinstance(layer, LINEAR):
            deviation, wanted = layer.weight.std(), (2 / layer.weight[0].numel()) ** 0.5
            layer.weight.mul_((wanted / deviation).clamp(min=1))

    def measure(layer, arguments):
        values = arguments[0].transpose(0, 1).flatten(1)
        layer.running_mean.copy_(values.mean(dim=1))
        layer.running_var.copy_(values.var(dim=1, correction=0).clamp(min=LEAST_VARIANCE))

    norms = [
        layer for layer in module.modules() if getattr(layer, "running_mean", None) is not None
    ]
    hooks = [layer.register_forward_pre_hook(measure) for layer in norms]
    module(*inputs)
    for hook in hooks:
        hook.remove()


def liveliness(module, inputs):
    """How far the output varies over the image, beside its size; the least of several outputs."""
    return min(
        float(output.std(dim=(2, 3)).mean() / output.abs().mean().clamp(min=1e-30))
        for output in images(module(*inputs))
    )


@torch.no_grad()
def build(architecture):
    torch.manual_seed(zlib.crc32(architecture.name.encode()))
    network = architecture.make().float().eval().requires_grad_(False)
    settle(network)
    module = Dense(network, architecture.pick).eval()
    inputs = noise(architecture, *architecture.sizes[0])
    if liveliness(module, inputs) < DULL:
        enliven(module, inputs)
    return module


def noise(architecture, height, width):
    """An input for each; all values between 0 and 1."""
    generator = torch.Generator().manual_seed(height * 1009 + width)
    return tuple(
        torch.rand(1, channels, height * scale, width * scale, generator=generator)
        for channels, scale in zip(architecture.channels, architecture.scales, strict=True)
    )


def write_program(module, inputs, path):
    """The usual recipe, as the README of ExecuTorch has it. The names of PyTorch's operators."""
    exported = torch.export.export(module, inputs)
    operators = {str(node.target) for node in exported.graph.nodes if node.op == "call_function"}
    program = to_edge_transform_and_lower(
        exported, partitioner=[XnnpackPartitioner()]
    ).to_executorch()
    unfinished = path.with_name("unfinished_" + path.name)
    with unfinished.open("wb") as file:
        program.write_to_file(file)
    unfinished.rename(path)
    return sorted(operators)


def warm_up():
    """What the first export does and later ones need not: most of it is importing."""
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Upsample(scale_factor=2)).eval()
    exported = torch.export.export(module, (torch.zeros(1, 3, 8, 8),))
    to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()]).to_executorch()


def images(output):
    return output if isinstance(output, tuple) else (output,)


def facts_of(module, inputs):
    """What the output is like: networks that write one number, or none, show no errors."""
    outputs = images(module(*inputs))
    return {
        "outputs": [list(output.shape) for output in outputs],
        "finite": all(bool(output.isfinite().all()) for output in outputs),
        "liveliness": liveliness(module, inputs),
        "parameters": sum(parameter.numel() for parameter in module.parameters()),
    }


def mixes_the_image(module, architecture):
    """Whether a change at the left end of a long strip reaches its right end.

    This is PyTorch's answer, whatever the tool says. None for networks that run at few sizes.
    """
    height, width = architecture.sizes[0]
    inputs = noise(architecture, height // 2, -(-STRIP_COLUMNS // width) * width)
    changed = tuple(input.clone() for input in inputs)
    for input in changed:
        input[..., :EDGE] += CHANGE
    try:
        before, after = images(module(*inputs)), images(module(*changed))
    except Exception:  # whatever it raises, it does not run at this size
        return None
    return not all(
        torch.equal(one[..., -EDGE // 4 :], other[..., -EDGE // 4 :])
        for one, other in zip(before, after, strict=True)
    )
