"""Contender: a loop over tiles in ONNX Runtime, as a careful programmer writes it.

The overlap is the network's true reach. Tiles start on its grid and end flush with the picture, so
that the result is right (to rounding).
"""

import numpy
import onnxruntime

import contender


def prepare(case):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = case.threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        case.program, options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    output = case.blank_output()
    rows = list(contender.flush_tiles(case.height, case.tile, case.reach))
    columns = list(contender.flush_tiles(case.width, case.tile, case.reach))
    scale = case.scale

    def step(image):
        for y, top, bottom in rows:
            for x, left, right in columns:
                tile = numpy.ascontiguousarray(image[None, :, y : y + case.tile, x : x + case.tile])
                (result,) = session.run(None, {name: tile})
                output[:, top * scale : bottom * scale, left * scale : right * scale] = result[
                    0,
                    :,
                    (top - y) * scale : (bottom - y) * scale,
                    (left - x) * scale : (right - x) * scale,
                ]
        return output

    return step, f"{len(rows)} x {len(columns)} tiles of {case.tile}, reach {case.reach}"


if __name__ == "__main__":
    contender.converse(prepare)
