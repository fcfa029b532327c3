"""Exports architectures, each in a process of its own: a fork of this one, which is warm already.

    python bench/zoo/export_one.py NAME FILE   one of them
    python bench/zoo/export_one.py             those that lines `NAME FILE` of stdin name

FILE is FOLDER/a.pte or FOLDER/b.pte, the first or the second size. Beside it comes a.json or
b.json: what is known of the network, with a `failure` where one of the steps raised something.
Importing ExecuTorch and exporting for the first time take ten seconds; so exporter.py keeps this
process and talks to it: the answers are the fork's process id, and later how it ended.
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
os.environ.update(HF_HUB_OFFLINE="1", YOLO_OFFLINE="1", NO_ALBUMENTATIONS_UPDATE="1")

import catalogue  # noqa: E402  packages read the variables when they are imported
import recipe  # noqa: E402
import torch  # noqa: E402

MOST_WORDS = 300


def in_words(error):
    """The first line that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:MOST_WORDS]


def export(architecture, path, facts):
    """Fills `facts` as it goes: `step` is the one that is under way."""
    first = path.stem == "a"
    height, width = architecture.sizes[0 if first else 1]
    facts["step"] = "make"
    module = recipe.build(architecture)
    if first:
        facts["step"] = "run in PyTorch"
        facts |= recipe.facts_of(module, recipe.noise(architecture, height, width))
    facts["step"] = f"export at {width}x{height}"
    inputs = recipe.noise(architecture, height, width)
    facts["operators"] = recipe.write_program(module, inputs, path)
    del facts["step"]
    write(facts, path)
    if first:  # last, because attention over so long a strip may break a limit
        facts["mixes_the_image"] = recipe.mixes_the_image(module, architecture)


def write(facts, path):
    path.with_suffix(".json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def export_into(name, path):
    facts, start = {}, time.perf_counter()
    try:
        with torch.no_grad():
            export(catalogue.load()[name], path, facts)
    except Exception as error:  # an architecture that cannot be exported is a result
        facts["failure"] = in_words(error)
    facts["seconds"] = round(time.perf_counter() - start, 1)
    write(facts, path)


def serve(answers):
    """One architecture a line; the child may print what it likes, `answers` is another file."""
    recipe.warm_up()
    for line in sys.stdin:
        name, path = line.rstrip("\n").split(" ", 1)
        child = os.fork()
        if child == 0:
            export_into(name, Path(path))
            os._exit(0)  # what the parent has opened is the parent's
        print(child, file=answers, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def main(words):
    torch.set_num_threads(1)  # a fork has none of the threads of a pool
    operators = recipe.find_torchvision()
    if words:
        export_into(words[0], Path(words[1]))
    else:
        answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        serve(answers)
    del operators


if __name__ == "__main__":
    main(sys.argv[1:])
