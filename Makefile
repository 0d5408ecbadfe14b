# Everything a person does here by hand. Needs Python 3.11 or newer, and make; the rest is installed into .venv.

VENV := .venv
# The first of these that is Python 3.11 or newer; `make PYTHON=/path/to/python3.13 test` chooses another.
PYTHON ?= $(firstword $(shell for name in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	command -v $$name >/dev/null 2>&1 && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name; done))
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
JOBS ?= 2
ARGS ?=

.PHONY: help dev test check format bench bench-scale bench-corpus docs-codes wheel clean
.DEFAULT_GOAL := help

help:  ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r target text; do printf '%-20s %s\n' "$$target" "$$text"; done

dev: $(VENV)/run.stamp  ## Run the example examples/train under hrsup; edit its files and watch, Ctrl-C ends it
	@echo "In examples/train: hrsup run -- python pipeline.py   (edit features.py or params.yaml; Ctrl-C ends it)"
	@cd examples/train && PATH="$(CURDIR)/$(BIN):$$PATH" && { hrsup run $(ARGS) -- python pipeline.py; \
		status=$$?; [ $$status -eq 130 ] || exit $$status; }

test: $(VENV)/dev.stamp  ## Run the tests (ARGS="tests/agent -k name" for some of them, JOBS=2 at a time)
	@$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

check: $(VENV)/dev.stamp  ## Look at the source: ruff, mypy --strict, pyright
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy --strict
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(VENV)/dev.stamp  ## Let ruff lay the source out
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

bench: $(VENV)/bench.stamp  ## Save to right result on the examples, against watchfiles, watchmedo and hupper
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m hrsup.bench.compare $(ARGS)

bench-scale: $(VENV)/bench.stamp  ## What a body edit of a service costs as it grows, and a change of data in a batch over the part that runs again
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m hrsup.bench.scale $(ARGS)

bench-corpus: $(VENV)/bench.stamp  ## Every edit case under every strategy, against a cold start (takes long; ARGS="--list")
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/hrsup bench $(ARGS)

docs-codes: $(VENV)/run.stamp  ## Write docs/codes.md anew from the strategies' codes
	@$(BIN)/python -m hrsup.codes > docs/codes.md

wheel: $(VENV)/dev.stamp  ## Build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

clean:  ## Remove .venv and what the tools left behind
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache

# A stamp is newer than what it was made from, so a second `make` installs nothing. Debian's python3 comes without the
# part of venv that brings pip; an outer pip then stands in.
$(VENV)/pip.stamp:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer was found; make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || { $(PYTHON) -m venv --clear --without-pip $(VENV) && \
		$(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check --quiet install pip; } || \
		{ echo "make: $(PYTHON) has neither venv's own pip nor a pip; on Debian: apt install python3-venv" >&2; exit 1; }
	@$(PIP) install --upgrade "pip>=25.1"
	@touch $@

$(VENV)/run.stamp: pyproject.toml | $(VENV)/pip.stamp
	@echo "Installing hrsup and what the examples import (once)"
	@$(PIP) install -e ".[examples]"
	@touch $@

$(VENV)/dev.stamp: pyproject.toml | $(VENV)/pip.stamp
	@echo "Installing hrsup and the tools (once)"
	@$(PIP) install -e ".[examples]" --group dev
	@touch $@ $(VENV)/run.stamp

$(VENV)/bench.stamp: pyproject.toml | $(VENV)/run.stamp
	@$(PIP) install -e ".[examples,bench]"
	@touch $@
