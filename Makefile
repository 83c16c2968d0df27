# Everything a developer needs. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := frontend
# tests/conftest.py says how many workers there are, which tests stay together, and which begin.
PARALLEL ?= --numprocesses=auto --maxprocesses=5 --no-loadscope-reorder
# Without it every start would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo dev check test e2e browser bench oracle chaos fuzz attack clients audit images images-test wheel types docs ci format lock migration clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed $(WEB)/node_modules/.installed $(WEB)/dist/.built ## Install everything and build the web app

$(VENV)/.installed: tests/requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "make: Python 3.11 or newer is needed (PYTHON=python3.12 make … chooses another one)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "make: this Python lacks venv; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "==> Python packages"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null; then uv pip sync -q --python $(BIN)/python --require-hashes tests/requirements.lock; \
	 else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r tests/requirements.lock; fi
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(WEB)/node_modules/.installed: $(WEB)/package-lock.json
	@command -v npm >/dev/null && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a < 20 || (a == 20 && b < 19) ? 1 : 0)' \
	  || { echo "make: Node.js 20.19 or newer with npm is needed"; exit 1; }
	@echo "==> Web packages"
	@cd $(WEB) && npm ci --silent --no-audit --no-fund
	@touch $@

$(WEB)/dist/.built: $(WEB)/node_modules/.installed $(shell find $(WEB)/src $(WEB)/public $(WEB)/scripts $(WEB)/worker $(WEB)/index.html $(WEB)/vite.config.ts -type f 2>/dev/null)
	@echo "==> Web app"
	@cd $(WEB) && npm run --silent build
	@touch $@

demo: setup ## Run a demo team on http://localhost:8000 with reminders within a minute
	@exec $(BIN)/daka demo

dev: setup ## Run the API on :8000 and the web app with hot reload on :5173
	@trap 'kill 0' EXIT; $(BIN)/daka demo & cd $(WEB) && npm run dev

check: setup ## Check style, types and contracts: everything that needs no database
	@echo "==> ruff"; $(BIN)/ruff check backend tests deploy docs hatch_build.py; $(BIN)/ruff format --check -q backend tests deploy docs hatch_build.py
	@echo "==> mypy"; $(BIN)/mypy
	@echo "==> bandit, secrets"; $(BIN)/bandit -q -c pyproject.toml -r backend/daka deploy; git ls-files -z | xargs -0 $(BIN)/python tests/no_secrets.py
	@echo "==> workflows, images, compose"; deploy/lint.sh
	@echo "==> openapi.json"; made=$$(mktemp); $(BIN)/daka openapi >"$$made"; cmp -s "$$made" backend/openapi.json \
	  || { rm -f "$$made"; echo "backend/openapi.json is not what the code says; run: make types"; exit 1; }; rm -f "$$made"
	@echo "==> web app"; cd $(WEB) && npm run --silent check

types: $(VENV)/.installed $(WEB)/node_modules/.installed ## Generate openapi.json and the TypeScript types
	@made=$$(mktemp); $(BIN)/daka openapi >"$$made"; cp "$$made" backend/openapi.json; rm -f "$$made"
	@cd $(WEB) && npm run --silent types

docs: $(VENV)/.installed ## Write what the documents say about channels from the code
	@$(BIN)/python docs/generate.py

test: setup browser ## Run all tests: web app, backend on SQLite and PostgreSQL, processes, browser
	@echo "==> Web app"; cd $(WEB) && npm run --silent test
	@echo "==> Backend and browser"; $(BIN)/python -m pytest $(PARALLEL) $(ARGS)

browser: $(VENV)/.installed ## Find or download the browser that the tests use
	@$(BIN)/python tests/browser.py

e2e: setup browser ## Run only the browser tests
	@$(BIN)/python -m pytest -m e2e $(PARALLEL) $(ARGS)

bench: setup browser ## Run benchmarks, as ratios to a reference in the same run
	@cd tests && ../$(BIN)/python -m bench $(ARGS)

oracle: setup ## Compare the preview with a second model over 1,000 random person-weeks (WEEKS=…, SEED=… repeats); make test: some
	@ORACLE_WEEKS=$(or $(WEEKS),1000) ORACLE_SEED=$(or $(SEED),0) $(BIN)/python -m pytest -q tests/oracle

chaos: setup ## Send 10,000 reminders while workers are killed and providers fail; make test runs a short form
	@cd tests && ../$(BIN)/python -m chaos $(ARGS)

fuzz: setup ## Send generated requests to every operation (longer: ARGS="--examples 1000"); make test runs a short form
	@cd tests && ../$(BIN)/python -m security.fuzz $(ARGS)

clients: setup ## Generate clients with five generators, and let each download and upload a roster (needs the network)
	@cd tests && ../$(BIN)/python -m clients

attack: setup ## Attack real servers on SQLite, PostgreSQL and through nginx, and print what held; make test runs a short form
	@cd tests && ../$(BIN)/python -m security.attack $(ARGS)

audit: ## Check the dependencies for known vulnerabilities (needs uv, npm and the network)
	@uvx pip-audit --strict --require-hashes --disable-pip -r requirements.lock
	@cd $(WEB) && npm audit

images: ## Build all images (ARCH=amd64 or arm64), with docker or buildah
	@deploy/images.sh build $(ARCH)

images-test: images ## Run the images as compose.yaml and as README.md say, and test them from outside
	@deploy/images.sh try $(ARCH)
	@deploy/images.sh try-whole $(ARCH)

wheel: setup ## Build the Python package with the web app in it into dist, and test it
	@rm -rf dist; deploy/wheel.sh build dist; deploy/wheel.sh try dist

format: $(VENV)/.installed $(WEB)/node_modules/.installed ## Format the code
	@$(BIN)/ruff check --fix -q backend tests deploy docs; $(BIN)/ruff format -q backend tests deploy docs
	@cd $(WEB) && npm run --silent format

ci: check test ## Run everything that CI runs

lock: ## Make the lock files from pyproject.toml (needs uv); UPGRADE=--upgrade takes newer packages
	@uv pip compile $(UPGRADE) pyproject.toml --universal --generate-hashes --python-version 3.11 -q --no-header --no-annotate \
	  -o requirements.lock
	@uv pip compile $(UPGRADE) pyproject.toml --group dev --universal --generate-hashes --python-version 3.11 -q --no-header --no-annotate \
	  -c requirements.lock -o tests/requirements.lock
	@echo hatchling | uv pip compile $(UPGRADE) - --universal --generate-hashes --python-version 3.13 -q --no-header --no-annotate \
	  -o deploy/build.lock

migration: $(VENV)/.installed ## Generate a migration from changed tables (M="what changes"); existing ones never change
	@test -n "$(M)" || { echo 'make: say what changes, for example: make migration M="channel priority"'; exit 1; }
	@folder=$$(mktemp -d); number=$$(printf %04d $$(( $$(ls backend/daka/migrations/versions/[0-9]*.py | wc -l) + 1 ))); \
	  export DATABASE_URL="sqlite:///$$folder/empty.db" DATA_DIR=$$folder; $(BIN)/alembic upgrade head >/dev/null 2>&1; \
	  $(BIN)/alembic revision --autogenerate -m "$(M)" --rev-id $$number >/dev/null 2>&1; rm -rf $$folder; \
	  $(BIN)/ruff format -q --config 'extend-exclude=[]' backend/daka/migrations/versions/$${number}_*.py

clean: ## Remove everything that make setup created
	rm -rf $(VENV) $(WEB)/node_modules $(WEB)/dist
