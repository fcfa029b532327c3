"""A contender's process: talks to it, and ends it when it holds more than it may.

The lines that are said are in contender.h.
"""

import os
import subprocess
import threading
import time
from pathlib import Path

MOST_BYTES = 20 << 30
LOOK_SECONDS = 0.02
# ExecuTorch's pool spins for about 200 ms after a run: nobody is timed meanwhile.
CALM_SECONDS = 0.25
# A run during which other programs had more than this share of the machine is measured again, a few
# times if it is short.
MOST_ELSEWHERE = 0.10
ATTEMPTS = 3
PATIENCE_SECONDS = 3
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """The contender said why, or was ended."""


class Process:
    def __init__(self, command, log):
        self._log = log.open("a", encoding="utf-8")
        self._process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._too_big = False
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            self.base_bytes = int(self._answer("base"))
        except Failed:
            self.stop()
            raise

    def _watch(self):
        status = Path(f"/proc/{self._process.pid}/status")
        while self._process.poll() is None:
            try:
                lines = [
                    line for line in status.read_text().splitlines() if line.startswith("VmRSS:")
                ]
            except OSError:
                return  # it has just ended
            if lines and int(lines[0].split()[1]) * 1024 > MOST_BYTES:
                self._too_big = True
                self._process.kill()
            time.sleep(LOOK_SECONDS)

    def _answer(self, expected):
        line = self._process.stdout.readline()
        word, _, rest = line.strip().partition(" ")
        if word == expected:
            return rest
        if self._too_big:
            raise Failed(f"needs more than {MOST_BYTES >> 30} GiB")
        raise Failed(rest if word == "error" else f"ended without an answer: {line.strip()}")

    def _ask(self, question, expected):
        try:
            self._process.stdin.write(question + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it is gone; the answer will say so
        return self._answer(expected)

    def load(self):
        return self._ask("load", "ok")

    def warm_up(self):
        self._ask("run", "seconds")

    def _busy_elsewhere(self):
        """Processor seconds that this machine has spent, but not on this process."""
        own = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        user, nice, system, _, _, interrupts, soft, stolen = (
            Path("/proc/stat").read_text().split()[1:9]
        )
        busy = sum(int(ticks) for ticks in (user, nice, system, interrupts, soft, stolen))
        return (busy - int(own[11]) - int(own[12])) * TICK_SECONDS

    def _run_once(self):
        """Seconds, and the share of the machine that others had meanwhile."""
        time.sleep(CALM_SECONDS)
        before, start = self._busy_elsewhere(), time.perf_counter()
        seconds = float(self._ask("run", "seconds"))
        elapsed = (time.perf_counter() - start) * os.cpu_count()
        return seconds, max(0.0, self._busy_elsewhere() - before) / elapsed

    def run(self):
        """The least disturbed of the attempts, however long it took."""
        attempts = [self._run_once()]
        while (
            len(attempts) < ATTEMPTS
            and sum(seconds for seconds, _ in attempts) < PATIENCE_SECONDS
            and attempts[-1][1] > MOST_ELSEWHERE
        ):
            attempts.append(self._run_once())
        return min(attempts, key=lambda attempt: attempt[1])

    def save(self, path):
        self._ask(f"save {path}", "ok")

    def peak_bytes(self):
        return int(self._ask("peak", "peak"))

    def stop(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._log.close()
