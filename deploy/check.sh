#!/usr/bin/env bash
# Quick feedback in under a minute; `make test` is the whole truth.
set -euo pipefail
bin=.venv/bin
$bin/ruff format --check --quiet
$bin/ruff check --quiet
$bin/mypy
$bin/lint-imports >/dev/null
$bin/python -m pytest -q tests -m "not browser and not postgresql and not slow and not conformance" --ignore tests/browser --ignore tests/web
