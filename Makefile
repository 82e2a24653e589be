# Counterfoil's commands. Each sets up its own environment (.venv) first, at once when nothing changed.
#
# Needed: make and Python 3.11 or later. To choose a Python: make PYTHON=python3.12 test
# Tests wait for disks and for each other's processes: one more runs than there are cores (WORKERS=1: one).

.DEFAULT_GOAL := help
.PHONY: help demo test check static bench soak format lock translations reference clean

PYTHON ?=
WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))
READY := .venv/ready

# The environment's commands come first; nothing needs to be activated.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help:  ## Show these commands
	@echo "make COMMAND, where COMMAND is one of"
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

demo: $(READY)  ## Watch a small economy run: open, pay, hold, refund, convert, verify
	@counterfoil demo

test: static  ## Run every check and every test, on SQLite and on a real PostgreSQL
	@echo "test: every promise, quick ones first"
	@python -m pytest -n $(WORKERS) --maxprocesses 6 --dist load

check: static  ## Run the quick checks: format, lint, types, layers, rules, docs
	@echo "check: rules, docs, what is collected"
	@python -m pytest tests/test_rules.py tests/test_docs.py tests/consent/test_collection.py

static: $(READY)
	@echo "check: format"
	@ruff format --check --quiet . || { echo "Run: make format"; exit 1; }
	@echo "check: lint"
	@ruff check --quiet .
	@echo "check: types"
	@mypy
	@echo "check: layers"
	@lint-imports --no-logo

bench: $(READY)  ## Print the benchmarks: the ledger on SQLite and PostgreSQL, receipts
	@mkdir -p .cache && rm -f .cache/bench.db*
	@echo "bench: SQLite"
	@counterfoil bench ledger --database sqlite:///.cache/bench.db
	@echo "bench: PostgreSQL"
	@python -m tools.local_postgres run -- sh -c \
		'counterfoil bench ledger --database "$$COUNTERFOIL_POSTGRESQL_URL"'
	@echo "bench: receipts"
	@counterfoil bench receipts

soak: $(READY)  ## Kill real processes under load, again and again, and look for losses
	@python -m tools.soak

format: $(READY)  ## Format the code and mend what the linter can mend
	@ruff format .
	@ruff check --fix --quiet .

lock: $(READY)  ## Choose the newest dependencies again and write requirements.lock
	@python -m tools.lock

translations: $(READY)  ## Bring the message catalogs in step with the sources
	@python -m tools.translations

reference: $(READY)  ## Write the reference of commands and refusals from the code
	@python -m tools.cli_reference
	@python -m tools.refusal_reference
	@python -m tools.api_reference

clean:  ## Remove the environment and every cache
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist

$(READY): requirements.lock pyproject.toml tools/set_up.sh
	@PYTHON="$(PYTHON)" sh tools/set_up.sh
