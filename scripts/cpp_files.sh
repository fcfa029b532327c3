#!/usr/bin/env bash
# Prints this project's C++ files, each followed by a zero byte. Arguments, when there are any, are git patterns: src/*.cpp
set -euo pipefail
cd "$(dirname "$0")/.."

(($#)) || set -- '*.h' '*.cpp'
git ls-files -z --cached --others --exclude-standard -- "$@"
