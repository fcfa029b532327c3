"""Talks to export_one.py: exports one architecture, and ends the fork that breaks a limit."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import limits

SCRIPT = Path(__file__).with_name("export_one.py")
MOST_SECONDS = 600
MOST_BYTES = 6 << 30


class Exporter:
    """Its process starts with the first export. Not for several threads at once."""

    def __init__(self):
        self._process = None

    def _started(self):
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, SCRIPT],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
        return self._process

    def export(self, name, path):
        """How it failed, where it could not write that itself; else ""."""
        process = self._started()
        process.stdin.write(f"{name} {path}\n")
        process.stdin.flush()
        child = process.stdout.readline().strip()
        if not child:
            return "the exporter ended"
        done = threading.Event()
        broken = []

        def end(why):
            broken.append(why)
            os.kill(int(child), signal.SIGKILL)

        watcher = threading.Thread(
            target=limits.watch, args=(int(child), MOST_SECONDS, MOST_BYTES, done, end)
        )
        watcher.start()
        code = process.stdout.readline().strip()
        done.set()
        watcher.join()
        if broken:
            return broken[0]
        return "" if code == "0" else f"ended with {code or 'the exporter'}"

    def stop(self):
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait()
