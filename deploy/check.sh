#!/usr/bin/env bash
# Quick feedback in under a minute; `make test` is the whole truth.
set -euo pipefail
bin=.venv/bin
node=$(deploy/node.sh)
$bin/ruff format --check --quiet
$bin/ruff check --quiet
$bin/mypy
$bin/lint-imports >/dev/null
(cd web && PATH="$node:$PATH" && npm run --silent check)
$bin/python -m pytest -q -n "$(nproc)" -m "not browser and not postgresql and not slow and not conformance" \
  tests/test_architecture.py tests/decisions tests/engine/test_*.py tests/engine/lint tests/forms \
  --ignore tests/forms/test_conditions_same.py --ignore tests/decisions/test_browser.py
