"""The example that embeds the library does what it says."""

import re
import subprocess

from conftest import ROOT, example


def test_embed(models):
    for name in ("denoise", "unet"):
        done = subprocess.run(
            [example("embed"), models[name]], capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        assert "1920x1080" in done.stdout and "MiB" in done.stdout
        assert re.search(r"^mean -?\d+\.\d+ after \d+\.\d+ seconds$", done.stdout, re.MULTILINE)


def test_embed_reports_errors(tmp_path):
    done = subprocess.run([example("embed"), tmp_path / "no.pte"], capture_output=True, text=True)
    assert done.returncode == 1 and "no.pte" in done.stderr


def test_embed_is_short():
    assert len((ROOT / "examples" / "embed.cpp").read_text().splitlines()) < 60
