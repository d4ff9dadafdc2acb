# Everything a fresh machine needs is Python >= 3.11 and make; the rest lands in this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help demo run test check bench faults fmt migrate lock requirements

help: ## What you can ask for
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(VENV)/.base: requirements/base.txt
	@$(PYTHON) -c 'import sys; sys.exit("Comeback needs Python 3.11 or newer; set PYTHON=.") if sys.version_info < (3, 11) else None'
	@echo "Installing Comeback into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.base ## A working system with two shops and simulated shoppers; ONCE=1 plays 90 days and prints a table
	@$(BIN)/python -m app.cli demo $(if $(ONCE),--once)

run: $(VENV)/.base ## Web, worker and ticker on this machine
	@$(BIN)/python -m app.cli run

migrate: $(VENV)/.base ## Bring the database to the newest schema
	@$(BIN)/python -m app.cli migrate

test: $(VENV)/.dev ## The whole suite
	@$(BIN)/python -m pytest -n 2

check: $(VENV)/.dev ## Format, lint, types, import rules, then every test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n 2

fmt: $(VENV)/.dev ## Format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(VENV)/.dev ## Compile the hashed lock files from requirements/*.in
	@$(BIN)/python -m pip install -q pip-tools
	@for name in base dev; do $(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header -o requirements/$$name.txt requirements/$$name.in; done
