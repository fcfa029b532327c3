#!/usr/bin/env bash
# Installs what building needs, and nothing twice: a second run only checks. Usage: scripts/setup.sh [build] [test] [lint] [bench] [zoo]
#
# Debian packages come from apt-get (as root, or through sudo), everything else goes into .venv. Each argument names a file of
# pinned packages in requirements/; without one it is `build`. Only `test`, `bench` and `zoo` bring PyTorch; `bench` and `zoo` have
# environments of their own, .venv-bench and .venv-zoo, so that nothing that is measured there can change what is built here.
set -euo pipefail
cd "$(dirname "$0")/.."

debian_packages=(
  g++ make python3-venv
  libgdal-dev python3-gdal libfmt-dev libcli11-dev nlohmann-json3-dev
  flatbuffers-compiler libflatbuffers-dev
  libgtest-dev librapidcheck-dev libbenchmark-dev
  mate-backgrounds # photographs: the demo's images, and training images for models/
)

fail() {
  printf '[setup] %s\n' "$@" >&2
  exit 1
}

missing_debian_packages() {
  local package
  for package in "${debian_packages[@]}"; do
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      printf '%s\n' "$package"
  done
}

# The word to put before a command that needs root. Fails when there is none that works, be it with a password from a terminal.
root_command() {
  ((EUID == 0)) && return
  command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; } && echo sudo
}

install_debian_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "[setup] this is not Debian: you have to install the counterparts of ${debian_packages[*]}" >&2
    return
  fi
  local missing root install
  mapfile -t missing < <(missing_debian_packages)
  ((${#missing[@]})) || return 0
  install="apt-get install -y --no-install-recommends ${missing[*]}"
  root=$(root_command) || fail "missing Debian packages: ${missing[*]}" "install them as root: $install"
  echo "[setup] installing Debian packages: ${missing[*]}"
  $root apt-get update -q || echo "[setup] apt-get update failed; trying with the package lists there are" >&2
  $root env DEBIAN_FRONTEND=noninteractive $install -q ||
    fail "apt-get failed; install these packages by hand, then run this again:" "$install"
}

# A Python that the pinned packages have builds for, and that can make a virtual environment with pip.
python_fits() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
    >/dev/null 2>&1
}

find_python() {
  local candidate
  for candidate in /usr/bin/python3 python3 python3.11 python3.12 python3.13; do
    if python_fits "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  fail "no Python 3.11 to 3.13 with the modules venv and ensurepip (tried /usr/bin/python3 and python3 to python3.13)"
}

# An environment whose Python is gone (another system, a moved folder) is made again.
make_environment() {
  local folder=$1 python
  "$folder/bin/python" -m pip --version >/dev/null 2>&1 && return
  python=$(find_python)
  echo "[setup] making $folder with $python"
  rm -rf "$folder"
  "$python" -m venv "$folder"
}

# --no-deps: ExecuTorch's wheel names PyTorch and much else that running it does not need, and the zoo's packages name versions
# that exclude each other; build.txt and zoo.txt are complete as they stand.
pip_options() {
  [[ $1 == build || $1 == zoo ]] && echo --no-deps
  return 0
}

# The stamp is a copy of the file that was installed, so an edited file is installed again and an old checkout is too.
install_requirements() {
  local name=$1 folder=$2 file=requirements/$1.txt stamp=$2/installed-$1.txt
  [[ -f $file ]] || fail "no such set of packages: $name (there are: $(cd requirements && echo *.txt))"
  cmp --silent "$file" "$stamp" && return
  make_environment "$folder"
  echo "[setup] installing $file into $folder"
  "$folder/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --no-warn-conflicts \
    $(pip_options "$name") --requirement "$file" || fail "pip could not install $file"
  cp "$file" "$stamp"
}

(($#)) || set -- build
install_debian_packages
for folder in .venv .venv-bench .venv-zoo; do
  [[ -x $folder/bin/python ]] || rm -f "$folder"/installed-*.txt
done
for name in "$@"; do
  if [[ $name == bench ]]; then
    install_requirements build .venv-bench # the same ExecuTorch
    install_requirements bench .venv-bench
  elif [[ $name == zoo ]]; then
    install_requirements build .venv-zoo
    install_requirements test .venv-zoo # PyTorch, as the tests export with it
    install_requirements zoo .venv-zoo
  else
    install_requirements "$name" .venv
  fi
done
