# `make` lists what can be done. Everything runs in .venv, which `make setup` makes.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

# A foreign environment must not reach ours.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONSTARTUP PIP_TARGET PIP_PREFIX
export PYTHONNOUSERSITE := 1
export PIP_USER := 0
export PYTHON
# Where there is no home, caches stay in here.
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/.venv/home
endif

python := .venv/bin/python
# Only from the command line: a T of the caller's shell must not leave tests out.
paths := $(if $(filter command,$(firstword $(origin T))),$(T))
compile := $(python) -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header pyproject.toml

.PHONY: help setup run test check format soak coverage bench migrate lock audit clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  make test T=tests/test_support.py       runs one file, folder or test'
	@echo '  make migrate m="why it is needed"       writes a new migration'

setup: ## make .venv with everything in it (instant when nothing changed)
	@scripts/dev/setup.sh

run: setup ## try it: demonstration data, served on http://127.0.0.1:8000
	@$(python) -m scripts.migrate
	@$(python) -m scripts.seed_demo
	@$(python) -m bot

test: setup ## all checks and all tests; T=path runs just those tests
ifeq ($(strip $(paths)),)
	@scripts/dev/check.sh
else
	@$(python) -m pytest -m "not soak" $(paths)
endif

check: test ## the same as test

format: setup ## put the code into shape
	@$(python) -m ruff check --quiet --fix-only .
	@$(python) -m ruff format .

soak: setup ## the long tests
	@$(python) -m pytest -m soak $(paths)

coverage: setup ## all tests once more, counting what they reach
	@$(python) -m pytest --cov -n logical --maxprocesses 4 --dist worksteal -m "not soak" $(paths)

bench: setup ## measure speed
	@$(python) -m scripts.benchmark

migrate: setup ## write a migration from today's tables: m="why"
	@test -n "$$m" || { echo 'Say why: make migrate m="add the column …"' >&2; exit 2; }
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	export DATABASE_URL="sqlite:///$$folder/newest.db" && \
	$(python) -m scripts.migrate >/dev/null && $(python) -m scripts.migrate --new "$$m" && \
	$(python) -m ruff format --quiet models/migrations

lock: setup ## pin the newest allowed versions of all packages
	@$(compile) --output-file requirements.txt
	@$(compile) --group dev --constraint requirements.txt --output-file requirements-dev.txt

audit: setup ## look for unused, missing and vulnerable packages (needs the network)
	@$(python) -m deptry .
	@$(python) -m pip_audit --require-hashes --disable-pip -r requirements.txt

clean: ## remove .venv and all caches; data/ is kept
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
		.coverage .coverage.* htmlcov test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
