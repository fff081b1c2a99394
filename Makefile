# Every target sets itself up: a fresh Debian machine needs Python 3.11 or newer, make, and nothing else by hand.
.DEFAULT_GOAL := help
.PHONY: help demo test check sync bench lock clean

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
# The lock names every package, so nothing is resolved here; what is imported is compiled when it is imported. The pip
# that Python brings along takes twice as long over an index.
INSTALL = PYTHONWARNINGS=ignore $(BIN)/python -m pip install -q --disable-pip-version-check
LOCKED = $(INSTALL) --no-deps --no-compile -e . -r
TESTS_BESIDES := \# what the tests need besides
COMPILE = $(BIN)/uv pip compile -q --no-emit-index-url --no-annotate --no-header --strip-extras
export DO_NOT_TRACK := 1
# Containers like to forbid it, and every process then compiles all it imports: four seconds for one with flows.
unexport PYTHONDONTWRITEBYTECODE

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 8

demo: $(VENV)/.run-ready ## make the example district, run its year, open its site (DEMO="--short" for a quick one)
	@$(BIN)/aimline demo $(DEMO)

test: $(VENV)/.test-ready browser ## run every test (TESTS="tests/unit" for a part)
	@$(BIN)/python -m pytest -q --numprocesses 2 --dist loadfile --no-loadscope-reorder $(TESTS)

check: $(VENV)/.test-ready ## format, lint, types, imports, SQL, generated files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models
	@$(BIN)/python -m tests.support.generated --check
	@$(BIN)/python -m pip check >&2

sync: $(VENV)/.test-ready ## write the generated files: JSON schemas, columns of the dbt YAML
	@$(BIN)/python -m tests.support.generated

bench: $(VENV)/.test-ready ## print the benchmarks as ratios, one JSON line a bar
	@$(BIN)/python -m benchmarks.run $(BENCH)

lock: $(VENV)/.test-ready ## resolve the dependencies anew into requirements.lock
	@$(BIN)/python -m pip install -q "uv>=0.9,<1"
	@$(COMPILE) --upgrade --extra test -o $(VENV)/all.lock pyproject.toml
	@$(COMPILE) -c $(VENV)/all.lock -o $(VENV)/run.lock pyproject.toml
	@{ cat $(VENV)/run.lock; echo "$(TESTS_BESIDES)"; grep -vxFf $(VENV)/run.lock $(VENV)/all.lock; } > requirements.lock

clean: ## remove the environment and everything the demo made
	rm -rf $(VENV) var

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Aimline needs Python 3.11 or newer. On Debian: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq python3-venv; \
		else echo "Python's venv is missing. Run: sudo apt-get install python3-venv"; exit 1; fi; }
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) --upgrade "pip>=26,<27" || echo "going on with the pip that Python brings"

$(VENV)/.run-ready: $(BIN)/python pyproject.toml requirements.lock
	@echo "installing what Aimline needs (once, about a minute)"
	@sed '/^$(TESTS_BESIDES)/,$$d' requirements.lock > $(VENV)/run.lock
	@$(LOCKED) $(VENV)/run.lock
	@$(BIN)/python -m aimline.transform
	@touch $@

$(VENV)/.test-ready: $(BIN)/python pyproject.toml requirements.lock
	@echo "installing what Aimline and its tests need (once, about a minute)"
	@$(LOCKED) requirements.lock
	@$(BIN)/python -m aimline.transform
	@touch $(VENV)/.run-ready $@

.PHONY: browser
browser:
	@for b in "$$AIMLINE_CHROMIUM" chromium chromium-browser google-chrome; do \
		test -n "$$b" && command -v "$$b" >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ]; then echo "installing Chromium for the page tests (once)"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	else echo "The page tests need a browser. Run: sudo apt-get install chromium"; exit 1; fi
