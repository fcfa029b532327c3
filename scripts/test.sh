#!/usr/bin/env bash
# Runs the C++ tests of each preset, the first one's last, then the Python tests with the first one's tool. Fails when any of them
# does. Usage: scripts/test.sh PRESET [PRESET ...] (all built)
set -uo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}
failed=0

for preset in "${@:2}" "$1"; do
  echo "[test] C++, $preset"
  ctest --preset "$preset" --parallel "$jobs" || failed=1
done
echo "[test] Python"
SECTILE_BUILD_DIR=$PWD/build/$1 python -m pytest -q -n "$jobs" || failed=1
exit $failed
