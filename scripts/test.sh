#!/usr/bin/env bash
# Runs the C++ tests, then the Python tests, and fails when either does. Usage: scripts/test.sh PRESET (built)
set -uo pipefail
cd "$(dirname "$0")/.."
preset=$1

ctest --preset "$preset" --parallel "${JOBS:-$(nproc)}"
cpp=$?
SECTILE_BUILD_DIR=$PWD/build/$preset python -m pytest -q -n "${JOBS:-$(nproc)}"
python=$?
((cpp == 0 && python == 0))
