# One command for each thing that people do here; `make help` lists them. The work is in scripts/ and CMakePresets.json.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# cmake, ctest and ninja are those that scripts/setup.sh put into .venv.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

JOBS ?= $(shell nproc)
# A new compiler's new warning must not stop somebody's first build; on CI nobody would see it otherwise.
WARNINGS_AS_ERRORS := $(if $(CI),ON,OFF)

configure = cmake --preset $(1) --log-level=WARNING -DSECTILE_WARNINGS_AS_ERRORS=$(WARNINGS_AS_ERRORS)
build = $(call configure,$(1)) && cmake --build --preset $(1) --parallel $(JOBS)

# The targets share .venv and build/, and parallelise inside.
.NOTPARALLEL:
.PHONY: help setup setup-test setup-lint setup-bench setup-zoo build demo test soak docs bench bench-quick bench-own bench-plans bench-frames bench-files zoo zoo-quick calibrate lint format asan tsan clean

help:  ## say what there is to make
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST)

setup:  ## install what building needs: Debian packages, and .venv
	@scripts/setup.sh build

setup-test:
	@scripts/setup.sh build test

setup-lint:
	@scripts/setup.sh build lint

setup-bench:
	@scripts/setup.sh build bench

setup-zoo:
	@scripts/setup.sh build zoo

build: setup  ## build the library, the tool and the tests into build/release
	@$(call build,release)

demo: setup  ## denoise a photograph, find cells in a made image, check both bit by bit
	@$(call build,release) --target sectile_cli
	@scripts/demo.sh

# The C++ tests run twice: as released, and with the assertions that a release leaves out.
test: setup-test build  ## run all tests
	@$(call build,checked)
	@scripts/test.sh release checked

# COUNT networks from SEED on; JSON: a file for the counts.
COUNT ?= 5000
SEED ?= 1
soak: setup-test  ## compare COUNT random networks, some at 1 and 4 megapixels, and fresh exports at all sizes
	@$(call build,release) --target soak_networks --target sectile_cli
	@python tests/soak/soak.py --count $(COUNT) --seed $(SEED) --jobs $(JOBS) $(if $(JSON),--json $(JSON))
	@python tests/soak/megapixels.py
	@python -m pytest -q -n $(JOBS) --all-sizes tests/networks/test_resize.py

docs: setup  ## write docs/operators.md and docs/formats.md from the code
	@$(call build,release) --target operators_table --target formats_table
	@build/release/tests/operators_table > build/operators.md && mv build/operators.md docs/operators.md
	@build/release/tests/formats_table > build/formats.md && mv build/formats.md docs/formats.md

bench: setup-bench build  ## measure Sectile beside ExecuTorch, ONNX Runtime and MONAI; writes docs/benchmarks.md; about 90 minutes
	@.venv-bench/bin/python bench/peers/measure.py
	@.venv-bench/bin/python bench/peers/time_shares.py
	@.venv-bench/bin/python bench/peers/report.py
	@$(MAKE) bench-own

bench-quick: setup-bench build  ## the same for two networks and one picture, printed only; under 3 minutes
	@.venv-bench/bin/python bench/peers/measure.py --quick

bench-own: setup-test build  ## measure arithmetic, and one memory limit up to a gigapixel; several minutes, 4 GB of disk
	@build/release/bench/sectile_bench
	@python bench/memory_flat.py

bench-plans: setup-test build  ## measure the planner's choices against forced plans; about an hour
	@python bench/plan_choice.py

bench-frames: build  ## measure 200 frames of 512x512 through one runner, and through run() for each
	@build/release/bench/frames models/denoise.pte

bench-files: setup-test build  ## measure 500 photographs of 512x512 in one run, and in a run for each; several minutes
	@python bench/many_files.py

zoo: setup-zoo build  ## run public architectures through the tool; writes docs/networks.md; some hours, then one
	@.venv-zoo/bin/python bench/zoo/zoo.py

zoo-quick: setup-zoo build  ## the same for twenty of them, printed only; 5 minutes, 10 the first time
	@.venv-zoo/bin/python bench/zoo/zoo.py --quick

calibrate: setup build  ## measure the constants of src/cost/machine_model.h on this machine; a minute
	@build/release/bench/calibrate

lint: setup-lint  ## check format, includes, and what ruff and clang-tidy find
	@$(call configure,release)
	@scripts/lint.sh build/release

format: setup-lint  ## rewrite the C++ and Python files in this project's format
	@scripts/cpp_files.sh | xargs -0 clang-format -i
	@ruff check --quiet --fix --select I
	@ruff format --quiet

asan: setup-test  ## run the C++ tests with assertions and the address and undefined-behaviour sanitizers
	@$(call build,asan)
	@ctest --preset asan --parallel $(JOBS)

# setarch -R: GCC's thread sanitizer does not know the address ranges that newer kernels choose from at random.
tsan: setup-test  ## run the C++ tests with assertions and the thread sanitizer
	@$(call build,tsan)
	@setarch -R ctest --preset tsan --parallel $(JOBS)

clean:  ## delete build/; .venv stays
	rm -rf build
