"""A child process with an end: seconds, and bytes that it may hold."""

import dataclasses
import subprocess
import threading
import time
from pathlib import Path

LOOK_SECONDS = 0.05


@dataclasses.dataclass(frozen=True)
class Outcome:
    code: int  # negative: ended by that signal
    output: str
    errors: str
    ended_for: str  # "", or which limit it broke

    def crashed(self):
        return self.code < 0 and not self.ended_for


def held_bytes(pid):
    """What the process holds now; 0 when it has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(lines[0].split()[1]) * 1024 if lines else 0


def watch(pid, seconds, most_bytes, done, end):
    """Calls `end` with the limit that the process breaks; returns then, or when `done` is set."""
    last = time.monotonic() + seconds
    while not done.wait(LOOK_SECONDS):
        if time.monotonic() > last:
            return end(f"more than {seconds} s")
        if held_bytes(pid) > most_bytes:
            return end(f"more than {most_bytes >> 30} GiB")
    return None


def run(command, *, seconds, most_bytes):
    """Waits for the command, and ends it when it breaks a limit."""
    process = subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
    )
    done, broken = threading.Event(), []

    def end(why):
        broken.append(why)
        process.kill()

    watcher = threading.Thread(target=watch, args=(process.pid, seconds, most_bytes, done, end))
    watcher.start()
    output, errors = process.communicate()
    done.set()
    watcher.join()
    return Outcome(process.returncode, output, errors, broken[0] if broken else "")
