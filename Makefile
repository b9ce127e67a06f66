# Each target sets up what it needs in .venv; nothing else on the machine is touched.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready

SEEDS ?= 10
SECONDS ?= 0

.PHONY: demo demo-portal test check bench torture docs screenshots clean

demo: $(READY)
	$(BIN)/gcw demo

demo-portal: $(READY)
	$(BIN)/gcw demo --portal

test: $(READY)
	$(BIN)/pytest -n auto

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m bench

torture: $(READY)
	$(BIN)/python -m torture --seeds $(SEEDS) --seconds $(SECONDS) $(TORTURE)

docs: $(READY)
	$(BIN)/python docs/make_reference.py

screenshots: $(READY)
	$(BIN)/python docs/make_screenshots.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gcw needs Python 3.11 or newer; set PYTHON=/path/to/it")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
