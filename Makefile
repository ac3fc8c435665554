# Marque's commands. `make help` prints them.
PYTHON ?= python3
BIN := .venv/bin
N ?= 20
NAME ?= demo

# Marque runs in many processes, and without its compiled files each would compile the whole house anew (2 s of CPU).
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: demo test check bench prove golden serve sites help

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Marque needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing into .venv (about a minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

.venv: .venv/ready  ## make the environment

demo: .venv/ready  ## the whole job on a small world with known answers
	@$(BIN)/marque demo

test: .venv/ready  ## the default tests: offline, ten to twenty minutes on two cores
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal

check: .venv/ready  ## format, lint, types, import layers, docs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/test_docs.py tests/test_names.py

bench: .venv/ready  ## one benchmark: make bench NAME=demo
	@$(BIN)/python -m tests.benchmarks $(NAME)

prove: .venv/ready  ## the full count of a proof: make prove NAME=crawl_kills N=1000
	@$(BIN)/python -m tests.faults.$(subst -,_,$(NAME)) $(N)

golden: .venv/ready  ## write the golden files anew; review the difference like code
	@$(BIN)/python -m tests.golden.regenerate

serve: .venv/ready  ## the review desk on the demo's findings, with its sites up (makes the demo first, if there is none)
	@test -d .marque-demo/keys || $(BIN)/marque demo
	@test -f .marque-demo/world.json || { echo "The demo was made by an older version; make it anew: make demo"; exit 1; }
	@$(BIN)/marque --home .marque-demo serve --exercise

sites: .venv/ready  ## the exercise world's five sites on loopback, to look around in
	@$(BIN)/marque exercise start

help:  ## this list
	@awk -F ':.*## ' '/^[.a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
