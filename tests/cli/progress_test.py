"""run --progress: a bar, lines of JSON, or nothing."""

import json
import os
import signal
import subprocess
import time

import pytest
from PIL import Image

from conftest import noise, run_on_terminal

KEYS = [
    "event",
    "file",
    "done",
    "total",
    "files_done",
    "files_failed",
    "files_total",
    "seconds",
    "seconds_left",
]


@pytest.fixture
def words(models, image, tmp_path):
    """A run of some steps."""
    source = image("in.png", 200, 200)
    return ["run", models["denoise"], source, tmp_path / "out.png", "--tile", 48, "--overwrite"]


def events(text):
    """All of stderr is JSON, an object a line."""
    return [json.loads(line) for line in text.splitlines()]


def run_events(tool, *words, code=0):
    done = tool.run(*words, "--progress", "json")
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    return events(done.stderr)


def of(kind, all_events):
    return [event for event in all_events if event["event"] == kind]


def test_json(tool, words):
    found = run_events(tool, *words)
    progress = of("progress", found)
    assert all(list(event) == KEYS for event in progress)
    first, last = progress[0], progress[-1]
    assert first["file"] == str(words[2]) and first["done"] == 0 and first["total"] > 9
    assert first["seconds_left"] is None
    assert last["done"] == last["total"] == first["total"]
    assert (last["files_done"], last["files_total"], last["seconds_left"]) == (1, 1, 0)
    done = [event["done"] for event in progress]
    assert done == sorted(done)
    assert len(progress) <= 4 + 10 * last["seconds"]
    (summary,) = of("summary", found)
    assert "peak memory" in summary["summary"]
    assert found[-1].pop("seconds") >= last["seconds"]
    assert found[-1] == {
        "event": "finish",
        "outcome": "done",
        "files_done": 1,
        "files_failed": 0,
        "files_total": 1,
    }


def make_folder(tmp_path, count, side=120):
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(count):
        Image.fromarray(noise(side + i, side)).save(folder / f"{i:02}.png")
    return folder


@pytest.mark.parametrize("jobs", [1, 3])
def test_json_of_many_files(tool, models, tmp_path, jobs):
    folder = make_folder(tmp_path, 12)
    (folder / "05.png").write_bytes((folder / "05.png").read_bytes()[:3000])
    (folder / "notes.txt").write_text("no image")
    missing = tmp_path / "none.png"
    words = ["--output-dir", tmp_path / "out", "--jobs", jobs]
    found = run_events(tool, "run", models["denoise"], folder, missing, *words, code=1)
    progress = of("progress", found)
    assert all(list(event) == KEYS for event in progress)
    first, last = progress[0], progress[-1]
    assert (first["files_done"], first["files_failed"], first["files_total"]) == (0, 1, 13)
    assert (last["files_done"], last["files_failed"], last["files_total"]) == (11, 2, 13)
    counts = [event["files_done"] for event in progress]
    assert counts == sorted(counts)
    assert len(progress) <= 4 + 10 * last["seconds"]
    assert {event["file"] for event in progress} <= {str(path) for path in folder.iterdir()}
    assert "left alone" in of("note", found)[0]["note"]
    every, one, other = of("error", found)
    assert every["error"] == "2 of 13 files failed"
    assert one["file"] == str(folder / "05.png") and "05.png" in one["error"]
    assert other["file"] == str(missing)
    assert found[-1]["event"] == "finish" and found[-1]["outcome"] == "failed"
    assert (found[-1]["files_done"], found[-1]["files_failed"]) == (11, 2)


def test_json_of_errors_and_warnings(tool, models, words, tmp_path):
    missing = run_events(tool, "run", models["denoise"], "none.png", tmp_path / "a.png", code=1)
    assert [event["event"] for event in missing] == ["error", "finish"]
    assert "none.png" in missing[0]["error"] and missing[1]["outcome"] == "failed"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(noise(20, 20)).save(tmp_path / "turned.jpg", exif=exif)
    turned = run_events(tool, "run", models["denoise"], tmp_path / "turned.jpg", tmp_path / "a.png")
    (warning,) = of("warning", turned)
    assert "orientation" in warning["warning"]
    for wrong in (["--tile", "big"], ["--nonsense"], []):
        done = tool.run("run", *wrong, "--progress=json")
        (error,) = events(done.stderr)
        assert done.returncode == 2 and "--help" in error["error"]
    done = tool.run(*words[:-1], "--progress", "json", "--trace", "/nowhere/t.json")
    assert of("error", events(done.stderr))


def test_a_name_that_is_not_text(tool, models, tmp_path):
    source = os.fsencode(tmp_path) + b"/\xff\n.png"
    Image.fromarray(noise(20, 20)).save(tmp_path / "in.png")
    (tmp_path / "in.png").rename(os.fsdecode(source))
    command = [tool.path, "run", models["denoise"], source, tmp_path / "a.png", "--progress=json"]
    done = subprocess.run(command, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 0
    assert of("progress", events(done.stderr.decode()))


def test_json_of_an_interrupted_run(tool, models, tmp_path):
    folder = make_folder(tmp_path, 30, 300)
    command = [tool.path, "run", models["denoise"], folder, "--output-dir", tmp_path / "out"]
    process = subprocess.Popen([*command, "--progress=json"], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not list((tmp_path / "out").glob("*.png")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    found = events(process.communicate(timeout=30)[1])
    assert process.returncode == 130
    assert "--skip-existing" in of("error", found)[0]["error"]
    assert found[-1]["event"] == "finish" and found[-1]["outcome"] == "interrupted"
    assert found[-1]["files_done"] == len(list((tmp_path / "out").iterdir()))


def test_the_bar(tool, words):
    """By default on a terminal only; where it is asked for, everywhere."""
    code, seen = run_on_terminal(tool.path, *words)
    assert code == 0 and "100 %" in seen
    code, seen = run_on_terminal(tool.path, *words, "--progress", "none")
    assert code == 0 and "%" not in seen
    assert "%" not in tool.run(*words).stderr
    assert "100 %" in tool.run(*words, "--progress", "bar").stderr
    assert "%" not in tool.run(*words, "--progress", "none").stderr
    assert "peak memory" in tool.run(*words, "--progress", "none").stderr


def test_the_bar_of_many_files(tool, models, tmp_path):
    folder = make_folder(tmp_path, 5)
    done = tool.run(
        "run", models["denoise"], folder, "--output-dir", tmp_path / "out", "--progress", "bar"
    )
    assert done.returncode == 0
    bars, _, summary = done.stderr.rpartition("\x1b[K")
    assert "100 %  5/5 files  0.1/0.1 megapixels" in bars and " left" in bars
    assert summary.count("\n") == 1 and "5 of 5 files" in summary


def test_words_that_make_no_sense(tool, words):
    assert "bar, json or none" in tool.fails(*words, "--progress", "loud", code=2)
    assert "--quiet" in tool.fails(*words, "--progress", "bar", "--quiet", code=2)
    assert tool.run(*words, "--quiet").stderr == ""
