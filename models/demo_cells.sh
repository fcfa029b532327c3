#!/usr/bin/env bash
# The demo's second act: finds cells in a made image of 4.2 megapixels, with a network that takes
# statistics of the whole image. scripts/demo.sh runs it.
set -euo pipefail
cd "$(dirname "$0")/.."

model=models/cells.pte
sectile=build/release/cli/sectile
python=.venv/bin/python

say() { printf '\n== %s\n' "$*"; }

mkdir -p demo

say "A network with squeeze-excites, as exported once"
$sectile inspect "$model"

say "A made image of cells, 2048x2048 -> demo/cells.png"
$python models/demo_cells.py make demo/cells.png demo/cells_truth.png 2048 2048

say "The plan: each pass adds up the means that the next one takes"
$sectile plan "$model" demo/cells.png

say "The run -> demo/cells_exact.tif"
$sectile run "$model" demo/cells.png demo/cells_exact.tif --overwrite

say "All of it against one whole-image run, bit by bit"
$sectile verify "$model" demo/cells.png

say "The usual practice: overlapping windows, each with means of its own -> demo/cells_windows.tif"
$sectile run "$model" demo/cells.png demo/cells_windows.tif --approximate --overwrite

say "Side by side -> demo/cells_compared.png"
$python models/demo_cells.py compare demo/cells.png demo/cells_truth.png \
  demo/cells_exact.tif demo/cells_windows.tif demo/cells_compared.png
