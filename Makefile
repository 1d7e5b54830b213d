# Libra's front door. `make help` lists what one can ask for.
SHELL := /bin/bash
RUN_DIR ?= $(CURDIR)/run
export LIBRA_RUN_DIR := $(RUN_DIR)
BUILD := build/run
CHECK_BUILD := build/check
DRIVER ?= haproxy

.PHONY: help deps deps-check build run stop check bench format lint clean

help: ## what one can ask for
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 14

deps: ## install what building and running needs (Debian packages)
	@tests/lab/install-packages run

deps-check:
	@tests/lab/install-packages run check

build: deps ## build daemons, command line and helpers
	@tests/lab/build $(BUILD) -DLIBRA_TESTS=OFF

run: ## start a whole private Libra here and watch a load balancer at work
	@tests/lab/run $(BUILD) $(DRIVER)

stop: ## stop it and remove everything it made
	@tests/lab/down

check: ## install what is missing, build, and pass every test
	@tests/check $(STAGES)

bench: deps ## measure, beside what one would use instead (B=provision|api|…)
	@tests/lab/build build/bench -DLIBRA_TESTS=OFF -DLIBRA_BENCH=ON
	@bench/run build/bench $(B)

format: ## format the C++ sources
	@git ls-files '*.cc' '*.h' | xargs -r clang-format -i

lint: deps-check ## formatting, clang-tidy
	@tests/lint $(CHECK_BUILD)

clean: stop ## stop, and remove what was built
	@rm -rf build
