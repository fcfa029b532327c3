"""Contender: the multi-model pattern as it is usually written, on executorch.runtime.

One program has the methods `full` (1024x1024) and `tile` (288x288 = 256 + 2 * 16). Each tile is cut
out with zeros beyond the picture's edge, run, and its middle put in place.
"""

import torch
from executorch.extension.pybindings import portable_lib
from executorch.runtime import Runtime

import contender


def prepare(case):
    portable_lib._unsafe_reset_threadpool(case.threads)
    method = Runtime.get().load_program(case.program).load_method("tile")
    overlap = case.reach
    core = case.tile - 2 * overlap
    output = torch.from_numpy(case.blank_output())

    def cut_out(image, top, left):
        tile = torch.zeros(1, case.channels, case.tile, case.tile)
        y, x = max(0, top - overlap), max(0, left - overlap)
        piece = image[:, y : top + core + overlap, x : left + core + overlap]
        y, x = y - top + overlap, x - left + overlap
        tile[0, :, y : y + piece.shape[1], x : x + piece.shape[2]] = piece
        return tile

    def step(image):
        image = torch.from_numpy(image)
        scale, edge = case.scale, overlap * case.scale
        for top in range(0, case.height, core):
            for left in range(0, case.width, core):
                (result,) = method.execute([cut_out(image, top, left)])
                height, width = (
                    min(core, case.height - top) * scale,
                    min(core, case.width - left) * scale,
                )
                output[
                    :, top * scale : top * scale + height, left * scale : left * scale + width
                ] = result[0, :, edge : edge + height, edge : edge + width]
        return output.numpy()

    threads = portable_lib._threadpool_get_thread_count()
    return step, f"tiles of {case.tile}, {overlap} of them overlap, {threads} threads in the pool"


if __name__ == "__main__":
    contender.converse(prepare)
