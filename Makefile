# Two commands for a newcomer: `make demo` and `make test`. Everything else builds on .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test test-long lint bench hits growth durability soak fuzz pictures lab clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 14

$(READY): pyproject.toml constraints.txt setup.py albconn/logs/lines/_regular.c $(wildcard albconn/logs/lines/regular_c/*.h)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "albconn needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[lab,dask,xlsx]' --group dev
	@touch $@

demo: $(READY)  ## convert the sample, write the report, print where it is
	rm -rf out/demo
	$(BIN)/albconn convert data/sample out/demo/dataset
	$(BIN)/albconn report out/demo/dataset out/demo/report

test: $(READY) lint  ## everything that CI runs, but for the long tests
	$(BIN)/python -m pytest -n $(WORKERS) -m "not long"

test-long: $(READY)  ## the long tests: kills, memory, browsers, many worlds
	$(BIN)/python -m pytest -n $(WORKERS) -m long

FUZZ_SECONDS ?= 300
fuzz: $(READY)  ## any bytes into the whole reader, guided by coverage (FUZZ_SECONDS=300; Linux)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group fuzz
	$(BIN)/python -m tests.whole.fuzz_reader out/fuzz/corpus -max_total_time=$(FUZZ_SECONDS) \
		-max_len=4096 -rss_limit_mb=0 -artifact_prefix=out/fuzz/found-

lint: $(READY)  ## formatter, linter, type checker, import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: $(READY)  ## measure the README's claims (ten minutes)
	$(BIN)/python benchmarks/run.py

hits: $(READY)  ## how often the answers are right, into the README (half an hour)
	$(BIN)/python benchmarks/hits.py --into README.md

growth: $(READY)  ## what a run costs at 10 and at 100,000 batches, into docs/growth.md
	$(BIN)/python -m benchmarks.growth --into docs/growth.md

# The README's pictures: the lead is a raised policy's, the others are an expired certificate's.
GALLERY := incident incident_reasons incident_clients failing_clients_over_time \
	failure_rate_by_node client_certificates key_exchange_share coverage
GALLERY_RAISED := stopped_working handshakes_by_tls_protocol

durability: $(READY)  ## what is lost, doubled or silent under faults, into docs/durability.md
	$(BIN)/python -m benchmarks.durability --into docs/durability.md

soak: $(READY)  ## a day of five-minute deliveries at speed, with kills
	$(BIN)/python -m benchmarks.soak --hours 24 --kill 0.25

pictures: demo  ## make the README's pictures anew
	rm -rf out/demo/raised
	$(BIN)/albconn report data/sample/policy_raised out/demo/raised
	mkdir -p docs
	cp out/demo/raised/charts/incident.png docs/policy_raised.png
	cp $(GALLERY:%=out/demo/report/charts/%.png) docs/
	cp $(GALLERY_RAISED:%=out/demo/raised/charts/%.png) docs/

lab: $(READY)  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab --notebook-dir notebooks

clean:  ## remove what was made
	rm -rf $(VENV) out artefacts build dist *.egg-info albconn/logs/lines/_regular.*.so
