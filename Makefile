# Libra's front door. `make help` lists what one can ask for.
SHELL := /bin/bash
RUN_DIR ?= $(CURDIR)/run
export LIBRA_RUN_DIR := $(RUN_DIR)
BUILD := build/run
CHECK_BUILD := build/check
DRIVER ?= haproxy

.PHONY: help deps deps-check deps-package build run stop check check-packages noloss chaos stream crowd fuzz mutants bench deb rpm format lint clean

help: ## what one can ask for
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 14

deps: ## install what building and running needs (Debian packages)
	@tests/lab/install-packages run

deps-check:
	@tests/lab/install-packages run check

deps-package:
	@tests/lab/install-packages run package

build: deps ## build daemons, command line and helpers
	@tests/lab/build $(BUILD) -DLIBRA_TESTS=OFF

run: ## start a whole private Libra here and watch a load balancer at work
	@tests/lab/run $(BUILD) $(DRIVER)

stop: ## stop it and remove everything it made
	@tests/lab/down

check: ## install what is missing, build, and pass every test
	@tests/check $(STAGES)

noloss: deps-check ## every change under traffic, N times each (N=100, ROW='add a node', SEED=, SLOW=1)
	@TARGETS=noloss tests/lab/build $(CHECK_BUILD) -DLIBRA_BENCH=ON
	@LIBRA_NOLOSS_N="$(or $(N),100)" LIBRA_NOLOSS_ROW="$(ROW)" LIBRA_NOLOSS_SEED="$(SEED)" LIBRA_NOLOSS_SLOW="$(SLOW)" \
	  $(CHECK_BUILD)/tests/noloss --gtest_filter='*NoLoss*'

chaos: deps-check ## the whole Libra while its parts are broken (MINUTES=5, SEED=)
	@TARGETS="chaos lab-launch lab-probe lab-skew libra-controller libra-sidecar libra-netns-helper libra-steer" tests/lab/build $(CHECK_BUILD) -DLIBRA_BENCH=ON
	@LIBRA_MINUTES=$(or $(MINUTES),5) LIBRA_SEED=$(SEED) $(CHECK_BUILD)/tests/chaos

stream: deps-check ## a Galera node dies in the middle of many writes (WRITES=2000)
	@TARGETS=contract tests/lab/build $(CHECK_BUILD) -DLIBRA_BENCH=ON
	@LIBRA_STREAM_WRITES="$(or $(WRITES),2000)" $(CHECK_BUILD)/tests/contract --gtest_filter='Galera/WriteStream*'

crowd: deps-check ## the API under 2,000 idle and 200 busy connections (SECONDS=300)
	@TARGETS="system lab-launch lab-probe libra-controller libra-sidecar libra-netns-helper libra-steer" tests/lab/build $(CHECK_BUILD) -DLIBRA_BENCH=ON
	@LIBRA_CROWD_SECONDS="$(or $(SECONDS),300)" $(CHECK_BUILD)/tests/system --gtest_filter='CrowdTest*'

fuzz: deps-check ## fuzz each reader of outside bytes (SECONDS=120, TARGET=json)
	@tests/fuzz/run "$(or $(SECONDS),120)" $(TARGET)

mutants: deps-check ## faults that the suites must notice (MUTANT=read-back-off)
	@tests/mutants/run $(MUTANT)

check-packages: deps-check deps-package ## build and lint the packages, install them on booted machines, serve, upgrade, purge
	@tests/check packaging

bench: deps ## measure, beside what one would use instead (B=reload|slots|provision|api|idle|failover|detect|scale)
	@tests/lab/build build/bench -DLIBRA_TESTS=OFF -DLIBRA_BENCH=ON -DLIBRA_UNITY=OFF
	@bench/run build/bench $(B)

deb: deps-package ## build the Debian packages
	@packaging/build-deb $(VERSION)

rpm: deps-package ## build the RPMs
	@packaging/build-rpm

format: ## format the C++ sources
	@git ls-files '*.cc' '*.h' | xargs -r clang-format -i

lint: deps-check ## formatting, clang-tidy (SINCE=main: only what differs from it)
	@TARGETS="libra-controller libra-sidecar libra" tests/lab/build build/lint -DLIBRA_BENCH=ON -DLIBRA_UNITY=OFF
	@tests/lint build/lint $(SINCE)

clean: stop ## stop, and remove what was built
	@rm -rf build
