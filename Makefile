# Two commands for a newcomer: `make demo` and `make test`. Everything else builds on .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test test-long lint bench pictures lab clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "albconn needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[lab,dask]' --group dev
	@touch $@

demo: $(READY)  ## convert the sample, write the report, print where it is
	rm -rf out/demo
	$(BIN)/albconn convert data/sample out/demo/dataset
	$(BIN)/albconn report out/demo/dataset out/demo/report

test: $(READY) lint  ## everything that CI runs, but for the long tests
	$(BIN)/python -m pytest -n $(WORKERS) -m "not long"

test-long: $(READY)  ## the long tests: kills, memory, browsers, many worlds
	$(BIN)/python -m pytest -m long

lint: $(READY)  ## formatter, linter, type checker, import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: $(READY)  ## measure the README's claims (ten minutes)
	$(BIN)/python benchmarks/run.py

pictures: demo  ## make the README's pictures anew
	mkdir -p docs
	cp out/demo/report/charts/failure_rate.png docs/failure_rate.png

lab: $(READY)  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab --notebook-dir notebooks

clean:  ## remove what was made
	rm -rf $(VENV) out artefacts build dist
