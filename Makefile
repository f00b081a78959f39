# Emplette's commands; `make` alone lists them. Nothing but Python 3.11+, make and the package registries is needed.

VENV := .venv
BIN := $(VENV)/bin
INSTALL := sh scripts/install.sh $(VENV)
LOCK := UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"
JOBS ?= 2
# Each gets a part of the list in one piece, so that what a file's tests share is started once; who is done helps out.
SHARED := -n $(JOBS) --dist worksteal
# Stories from end to end, and the races whose outcome writes that take turns could hide.
ONE_BY_ONE := tests/stories $(addprefix tests/concurrency/test_,one_key.py once_by_state.py budgets.py)
FUZZ_MINUTES ?= 10
SOAK_MINUTES ?= 60
# Where make can, what is done side by side is printed one after the other.
WHOLE_LINES := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
# Programs that are started hundreds of times are compiled once.
unexport PYTHONDONTWRITEBYTECODE

# Stamps: each says that one step of the set-up is done; with all of them in place nothing touches the network.
TOOLS := $(VENV)/.tools-installed
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PROJECT := $(VENV)/.project-installed
# What makes a client from our OpenAPI document, in an environment of its own.
GENERATOR := $(VENV)/generator/.installed

.PHONY: help
help:  ## List the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F '\t' '{printf "  make %-13s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(DEV) $(PROJECT) $(GENERATOR)  ## Make the environment in .venv (done by the others when needed)

.PHONY: demo
demo: $(RUNTIME) $(PROJECT)  ## Start a server with a demo company and play the guide's three calls
	@$(BIN)/emplette demo

# What needs only one core each is done side by side, the longest first; then come the tests, on all of them.
.PHONY: check
check: setup  ## Everything that must hold before a change goes in; says how many long tests it left to check-all
	@$(MAKE) --no-print-directory -j$(JOBS) $(WHOLE_LINES) wheel one-by-one domain types model-check audit lint format imports
	@$(MAKE) --no-print-directory product

.PHONY: check-all
check-all: check  ## As check, then every test, the long ones too, with coverage; and all once more with writes one by one
	@echo "== every test"
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest --quiet $(SHARED) --durations=20 --durations-min=2
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report
	@echo "== every test, with everything said to the database one by one"
	@EMPLETTE_MERGED_WRITES=false $(BIN)/python -m pytest --quiet $(SHARED)

.PHONY: quick
quick: setup format lint types imports  ## What to run all the time while developing (under two minutes)
	@$(BIN)/python -m pytest --quiet $(SHARED) -m "not slow" tests/house tests/domain

.PHONY: format
format: setup
	@echo "== format"
	@$(BIN)/ruff format --check .

.PHONY: lint
lint: setup
	@echo "== lint"
	@$(BIN)/ruff check .

.PHONY: types
types: setup
	@echo "== types"
	@$(BIN)/mypy

.PHONY: imports
imports: setup
	@echo "== import contracts"
	@$(BIN)/lint-imports --no-logo

.PHONY: audit
audit: setup
	@echo "== dependency audit"
	@$(BIN)/python scripts/audit_dependencies.py requirements/setup.lock.txt requirements/dev.lock.txt
	@$(BIN)/python scripts/audit_dependencies.py requirements/generator.lock.txt

.PHONY: wheel
wheel: setup
	@echo "== wheel"
	@sh scripts/try-wheel.sh $(if $(CI),whole,quick)

.PHONY: dependencies
dependencies: setup  ## Write docs/dependencies.md anew, and refuse licences that are not allowed
	@$(BIN)/python -m scripts.list_dependencies

.PHONY: dist
dist: setup  ## Build wheel, source and bill of materials into dist/, twice, and see that they are the same to the bit
	@sh scripts/build-dist.sh dist

.PHONY: test
test: domain model-check one-by-one product  ## The tests of check

.PHONY: domain
domain: setup
	@echo "== the rules alone: every line and branch of them is tried"
	@COVERAGE_FILE=.coverage.domain $(BIN)/coverage run --source=emplette.domain -m pytest --quiet tests/domain
	@COVERAGE_FILE=.coverage.domain $(BIN)/coverage combine --quiet
	@COVERAGE_FILE=.coverage.domain $(BIN)/coverage report --fail-under=100

.PHONY: one-by-one
one-by-one: setup
	@echo "== with everything said to the database one by one: a sample"
	@EMPLETTE_MERGED_WRITES=false $(BIN)/python -m pytest --quiet -m "not long" $(ONE_BY_ONE)

.PHONY: product
product: setup
	@$(BIN)/python -m compileall -q src
	@echo "== tests"
	@$(BIN)/python scripts/find_chromium.py --fetch >/dev/null
	@$(BIN)/python scripts/find_provider.py --fetch >/dev/null
	@$(BIN)/python -m pytest $(SHARED) -m "not long" --ignore=tests/domain --durations=10 --durations-min=2; \
		status=$$?; $(BIN)/python scripts/find_chromium.py --loud; \
		$(BIN)/python scripts/find_provider.py --loud; exit $$status

.PHONY: fix
fix: setup  ## Format, and mend what the linter can mend
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

.PHONY: browser
browser: setup  ## Make every journey through the pages, in both languages, on a phone and at a desk
	@$(BIN)/python -m scripts.browse

.PHONY: fuzz
fuzz: setup  ## Try the API with made-up calls, and all rules with made-up values, for FUZZ_MINUTES (10)
	@FUZZ_MINUTES=$(FUZZ_MINUTES) $(BIN)/python scripts/fuzz.py

.PHONY: bench
bench: setup  ## Measure against the database's own floors (BENCH_JSON=file writes the figures)
	@$(BIN)/python -m bench

.PHONY: model
model: setup  ## Walk through all small policies and what can happen under them, then larger ones by dice (SECONDS=60 SEED=n)
	@SECONDS=$(SECONDS) SEED=$(SEED) $(BIN)/python -m model

.PHONY: model-check
model-check: setup
	@echo "== the rules of approval: all small policies"
	@$(BIN)/python -m model check

.PHONY: model-proof
model-proof: setup  ## Put defects into copies of the rules, and see that the walk finds each
	@$(BIN)/python -m model proof

.PHONY: torture
torture: setup  ## Kill, pause and starve servers under load, and check what came of it (SCHEDULES=20 SEED=n)
	@SCHEDULES=$(SCHEDULES) SEED=$(SEED) $(BIN)/python -m torture

.PHONY: torture-proof
torture-proof: setup  ## Put defects into copies of the source, and see that the torture finds each
	@$(BIN)/python -m torture proof

.PHONY: soak
soak: setup  ## Serve for SOAK_MINUTES (60) at half speed, and look whether memory or connections grow
	@SOAK_MINUTES=$(SOAK_MINUTES) $(BIN)/python -m soak

.PHONY: reference
reference: setup  ## Write docs/openapi.json, docs/reference/, docs/permissions.md and the generated parts of the client anew
	@$(BIN)/python scripts/write_reference.py
	@$(BIN)/python -m scripts.write_client
	@$(BIN)/python -m scripts.write_permissions

.PHONY: lock
lock: $(TOOLS)  ## Write the lock files anew, changing no more than pyproject.toml asks for
	@$(LOCK) $(UPGRADE) --group setup --output-file requirements/setup.lock.txt
	@$(LOCK) $(UPGRADE) --group generator --output-file requirements/generator.lock.txt
	@$(LOCK) $(UPGRADE) --constraints requirements/setup.lock.txt \
		--output-file requirements/runtime.lock.txt pyproject.toml
	@$(LOCK) $(UPGRADE) --constraints requirements/setup.lock.txt --constraints requirements/runtime.lock.txt \
		--all-extras --group dev --output-file requirements/dev.lock.txt pyproject.toml

.PHONY: upgrade
upgrade:  ## Choose the newest versions that pyproject.toml allows, and write them into the lock files
	@$(MAKE) --no-print-directory lock UPGRADE=--upgrade

.PHONY: clean
clean:  ## Remove what the tools left, the environment too; data folders stay
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*

$(TOOLS): requirements/setup.lock.txt
	@sh scripts/make-environment.sh $(VENV)
	@touch $@

$(RUNTIME): requirements/runtime.lock.txt $(TOOLS)
	@$(INSTALL) --require-hashes -r requirements/runtime.lock.txt
	@touch $@

# Of the tools little is ever imported: what is, is compiled then.
$(DEV): requirements/dev.lock.txt $(RUNTIME)
	@UV_COMPILE_BYTECODE=0 $(INSTALL) --require-hashes -r requirements/dev.lock.txt
	@touch $@

$(PROJECT): pyproject.toml $(TOOLS)
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(GENERATOR): requirements/generator.lock.txt $(TOOLS)
	@rm -rf $(VENV)/generator
	@$(BIN)/python -m venv --without-pip $(VENV)/generator
	@UV_COMPILE_BYTECODE=0 $(INSTALL) --python $(VENV)/generator/bin/python --require-hashes -r requirements/generator.lock.txt
	@touch $@
