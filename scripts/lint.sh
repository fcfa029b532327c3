#!/usr/bin/env bash
# Checks format, structure and what ruff and clang-tidy find; changes nothing. Usage: scripts/lint.sh BUILD_FOLDER (configured)
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1

echo "[lint] format"
scripts/cpp_files.sh | xargs -0 clang-format --dry-run --Werror

echo "[lint] python"
ruff check --quiet
ruff format --check --quiet

echo "[lint] structure"
python -m pytest -q tests/structure

echo "[lint] clang-tidy"
cmake --build "$build" --target sectile_schemas
# Each file on its own, one per core. The counts of warnings in other people's headers are left out. Compiler warnings are the
# compiler's to judge: the flags in the database are GCC's, and -Werror there is not meant for clang's own.
scripts/cpp_files.sh 'src/*.cpp' 'cli/*.cpp' 'examples/*.cpp' |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy -p "$build" --quiet \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-error \
    2> >(grep -v 'warnings\? generated' >&2)
