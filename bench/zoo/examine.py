"""What the tool says of a pair of programs: the verdict, comparisons, time and memory."""

import json
import os
from pathlib import Path

import limits

ROOT = Path(__file__).resolve().parents[2]
TOOL = os.environ.get("SECTILE_CLI", ROOT / "build" / "release" / "cli" / "sectile")
MOST_SECONDS = 300
MOST_BYTES = 6 << 30
TILES = (64, 96, 128, 192, 256, 384, 512)  # the smallest that the network takes is compared
BENCH_SIDE = 512  # of the image, or of half the output of an upscaler
BENCH_ROUNDS = "5"
SLOW_SECONDS = 1  # a whole-image run that takes longer is measured once
DONE, WRONG_USAGE, DIFFERENT = 0, 2, 3


class Failed(Exception):
    """The tool crashed, or failed at what it had said it would do."""


def ask(*words):
    """The JSON that it prints, with its exit as `exit`; None where a limit ended it."""
    command = [TOOL, *words, "--json"]
    done = limits.run(command, seconds=MOST_SECONDS, most_bytes=MOST_BYTES)
    if done.ended_for:
        return None
    said = (done.errors.strip() or "nothing").splitlines()[-1]
    if done.crashed():
        raise Failed(f"`{words[0]}` ended with signal {-done.code}: {said}")
    if done.code not in (DONE, DIFFERENT):
        return {"exit": done.code, "said": said}
    return {"exit": done.code, **json.loads(done.output)}


def must(*words):
    answer = ask(*words)
    if answer is not None and answer["exit"] not in (DONE, DIFFERENT, WRONG_USAGE):
        raise Failed(f"`{words[0]}` failed: {answer['said']}")
    return answer


def blockers_of(method):
    """Each kind once, in the tool's order: the decisive one first."""
    kinds = {}
    for blocker in method["blockers"]:
        kind = kinds.setdefault(
            (blocker["reason"], blocker["op"]),
            {key: blocker[key] for key in ("reason", "op", "why", "node")} | {"count": 0},
        )
        kind["count"] += 1
    return list(kinds.values())


def inspect(program):
    answer = must("inspect", program)
    if answer is None:
        raise Failed(f"`inspect` took more than {MOST_SECONDS} s")
    method = answer["methods"][0]
    return {
        "verdict": method["verdict"],
        "blockers": blockers_of(method),
        "passes": method["passes"] or 1,
        "reach": method["reach"],
        "align": method["align"],
        "scale": method["scale"],
    }


def run_of(words, answer):
    keys = ("mode", "steps", "lanes", "workers", "values", "differing", "max_abs_diff")
    facts = {key: answer[key] for key in keys}
    return {"words": " ".join(words), "image": answer["image"], "tile": answer["tile"]} | facts


def smallest_tile(program, size):
    for side in TILES:
        answer = ask("plan", program, size, "--tile", str(side))
        if answer and answer["exit"] == DONE and answer["mode"] == "tile":
            return str(side)
    return None


def comparisons(program, other, size):
    """Words for `verify`, after the program's name."""
    two = ("--threads", "2")
    twice = f"{2 * size[1]}x{2 * size[0]}"
    for mode in ("whole", "stream", "tile"):
        yield ("--against", other, "--mode", mode, *two)
    yield (twice, "--mode", "stream", *two)
    if side := smallest_tile(program, twice):
        yield (twice, "--tile", side, *two)


def shown(words):
    """The words as they were said, without the folders."""
    return [word.name if isinstance(word, Path) else word for word in words]


def compare(program, other, size):
    """All runs of more than one tile or step; of the whole image, those against the other export.

    A network that takes no stream, or whose tiles would be the whole image, has fewer runs.
    """
    runs = []
    for words in comparisons(program, other, size):
        answer = must("verify", program, *words)
        if answer is None or answer["exit"] == WRONG_USAGE:
            continue
        if answer["mode"] != "whole" or "whole" in words:
            runs.append(run_of(shown(words), answer))
    return runs


def bench(program, side, mode, rounds):
    size = f"{side}x{side}"
    answer = ask("bench", program, size, "--mode", mode, "--threads", "1", "--rounds", rounds)
    return answer if answer and answer["exit"] in (DONE, DIFFERENT) else None


def measure(program, scale):
    """The planned run beside the whole-image run, one thread each; {} where a limit ended it."""
    times = scale["y"][0] / scale["y"][1]
    side = int(BENCH_SIDE / max(1, times / 2))
    for mode in ("stream", "auto"):
        answer = bench(program, side, mode, "1")
        if answer and answer["whole"]["median_seconds"] < SLOW_SECONDS:
            answer = bench(program, side, mode, BENCH_ROUNDS) or answer
        if answer:
            return {
                "mode": answer["mode"],
                "side": side,
                "time_ratio": round(answer["time_ratio"], 3),
                "memory_ratio": round(answer["memory_ratio"], 3),
                "whole_seconds": round(answer["whole"]["median_seconds"], 4),
                "whole_bytes": answer["whole"]["peak_rss_bytes"],
                "differing": answer["differing"],
            }
    return {}
