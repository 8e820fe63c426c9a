# Two words do all the set-up: `make demo` and `make test`. Nothing but Python 3.11+ and make is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Extras to install; `make test EXTRAS=dev,spark` tests on a real Spark too (0.5 GB).
EXTRAS ?= dev
READY := $(VENV)/.ready-$(EXTRAS)
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint format messages wheel clean help

help:
	@echo "make demo    scan the bundled bank and print where the report is"
	@echo "make test    run the tests"
	@echo "make lint    format, style, layers and types"
	@echo "make messages  bring the catalogues of other languages, docs/detectors and docs/settings.md up to date"
	@echo "make wheel   build the wheel into dist/"

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "moneytrail needs Python 3.11 or newer; name one: make PYTHON=python3.12 demo"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[$(EXTRAS)]'
	@touch $@

demo: $(READY)
	$(BIN)/moneytrail demo --out demo

test: $(READY)
	$(BIN)/pytest -n 2 --dist worksteal

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: $(READY)
	$(BIN)/python -m moneytrail.messages fr
	$(BIN)/moneytrail explain --write docs/detectors
	$(BIN)/python -m moneytrail.settings_page docs/settings.md

wheel: $(READY)
	$(BIN)/python -m build --wheel --outdir dist .

clean:
	rm -rf $(VENV) build dist demo
