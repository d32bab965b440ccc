# Every command of this project, one line each. `make` prints them.
PYTHON ?= python3
BIN := .venv/bin

# Each process that a test or a benchmark starts would compile the program again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
# Pure and database tests. Files whose tests start processes, browsers or servers are marked slow or not listed.
FAST := tests/archive tests/db tests/health tests/inbox tests/settings tests/observability/test_log.py \
	tests/observability/test_reference.py

.PHONY: help install dev demo test test-fast test-container lint bench screenshots chromium lock clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/installed ## install Callkeeper into .venv

demo: install ## run a simulated Graph and the complete service; Ctrl-C stops it
	@$(BIN)/callkeeper demo

test: dev chromium ## run every test, on SQLite and on PostgreSQL
	$(BIN)/pytest -n auto

test-fast: dev ## run the pure and database tests, in under a minute
	$(BIN)/pytest -n auto -m "not slow" $(FAST)

lint: dev ## run ruff, mypy --strict and the import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-container: dev ## build and run the image and the compose file; needs docker
	CONTAINER_TESTS=1 $(BIN)/pytest tests/container -v -rs

bench: dev ## run the benchmarks; WHAT=collect runs one part of them
	$(BIN)/python -m bench $(WHAT)

screenshots: dev chromium ## take the pictures in docs/images again, from the demo's calls
	$(BIN)/python -m tests.web.pages.browser.screenshots

dev: .venv/installed-dev

chromium:
	@tests/web/pages/browser/install-chromium.sh

lock: dev ## lock the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -q pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -q pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove the files that make created
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Callkeeper needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.13 ...")'
	$(PYTHON) -m venv .venv

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
