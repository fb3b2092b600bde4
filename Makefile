# Two commands matter: `make run` (a server with demo data) and `make test` (every check).
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE = $$(deploy/node.sh)
WEB_SOURCES := $(shell find web/src web/package-lock.json web/vite.config.mjs -type f 2>/dev/null)
# TESTS=… picks tests; the default is all of them.
TESTS ?= tests

.DEFAULT_GOAL := help
.PHONY: help run run-postgres init test check lint types contracts unit browser conformance \
        bench docs pictures lock format clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

run: $(VENV)/run.stamp api/static/web/.stamp  ## set everything up and serve with demo data on 127.0.0.1:8000
	@WUYEFLOW_DEMO=1 $(BIN)/python -m api serve --demo

init: $(VENV)/run.stamp api/static/web/.stamp  ## set up without demo data; asks for the first administrator
	@$(BIN)/python -m api init

run-postgres: $(VENV)/dev.stamp api/static/web/.stamp  ## the same on a PostgreSQL of its own under var/postgresql
	@WUYEFLOW_DEMO=1 $(BIN)/python -m deploy.run_postgres

test: $(VENV)/dev.stamp api/static/web/.stamp  ## everything: lint, types, contracts, unit, PostgreSQL, browser
	@deploy/test.sh

check: $(VENV)/dev.stamp api/static/web/.stamp  ## quick feedback: lint, types, contracts, fast unit tests
	@deploy/check.sh

bench: $(VENV)/dev.stamp api/static/web/.stamp  ## figures as JSON lines; ONLY=name for one benchmark
	@$(BIN)/python -m benchmarks $(ONLY)

docs: $(VENV)/dev.stamp  ## the handbook in docs/_build/html
	@$(BIN)/sphinx-build -q -W -b html docs docs/_build/html && echo docs/_build/html/index.html

pictures: $(VENV)/dev.stamp api/static/web/.stamp  ## take the screenshots of docs/pictures anew
	@$(BIN)/python -m tests.browser.pictures

format: $(VENV)/dev.stamp  ## format and mend what can be mended
	@$(BIN)/ruff format && $(BIN)/ruff check --fix

lock: $(VENV)/dev.stamp  ## resolve the dependencies anew, with hashes and without hosts
	@deploy/lock.sh

clean:  ## remove what was built; data under var/ stays
	rm -rf $(VENV) web/node_modules api/static/web docs/_build

$(VENV)/run.stamp: requirements.lock deploy/setup.sh
	@deploy/setup.sh $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock deploy/setup.sh
	@deploy/setup.sh $(PYTHON) $(VENV) requirements-dev.lock
	@touch $(VENV)/run.stamp $@

api/static/web/.stamp: $(WEB_SOURCES) | $(VENV)/run.stamp
	@deploy/web.sh
	@touch $@
