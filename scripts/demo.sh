#!/usr/bin/env bash
# Denoises a photograph of 17.9 megapixels with a network that was exported once, at 96x96, and proves a part of it bit by bit.
set -euo pipefail
cd "$(dirname "$0")/.."

photo=/usr/share/backgrounds/mate/abstract/Elephants_5640x3172.jpg
model=models/denoise.pte
sectile=build/release/cli/sectile
python=.venv/bin/python
area=(2300 1250 420 320) # of the before/after picture: x y width height

say() { printf '\n== %s\n' "$*"; }

[[ -f $photo ]] || { echo "[demo] there is no $photo: install Debian's mate-backgrounds" >&2; exit 1; }
mkdir -p demo

say "The network, as exported once"
$sectile inspect "$model"

say "Noise of sigma 25 added to ${photo##*/} -> demo/noisy.tif"
$python scripts/demo_images.py noise "$photo" demo/noisy.tif 25

say "The plan"
$sectile plan "$model" demo/noisy.tif

say "The run -> demo/cleaned.tif, demo/report.json"
$sectile run "$model" demo/noisy.tif demo/cleaned.tif --overwrite --report demo/report.json
$python - <<'PYTHON'
import json
report = json.load(open("demo/report.json"))
print(f"{report['seconds']['total']:.1f} s, peak memory {report['peak_rss_bytes'] / 2**20:.0f} MiB")
PYTHON

say "A crop of 1000x777 pixels: stream and tiles against one whole-image run, bit by bit"
$python scripts/demo_images.py crop demo/noisy.tif demo/crop.tif 2000 1100 1000 777
$sectile verify "$model" demo/crop.tif
$sectile verify "$model" demo/crop.tif --tile 288

say "Before and after -> demo/before_after.png"
$python scripts/demo_images.py compare "$photo" demo/noisy.tif demo/cleaned.tif demo/before_after.png "${area[@]}"

models/demo_cells.sh
