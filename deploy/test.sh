#!/usr/bin/env bash
# Every check of the project, in the order in which they fail fastest; stops at the first failure.
set -euo pipefail
say() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }
started=$SECONDS
bin=.venv/bin
deploy/debian.sh
say "lint";      $bin/ruff format --check --quiet; $bin/ruff check --quiet
say "types";     $bin/mypy
say "contracts"; $bin/lint-imports --no-cache >/tmp/wuyeflow-contracts.$$ || { cat /tmp/wuyeflow-contracts.$$; exit 1; }
rm -f /tmp/wuyeflow-contracts.$$
say "web: types and unit tests"; (cd web && PATH="$(cd .. && deploy/node.sh):$PATH" && npm run --silent check && npm test --silent)
say "unit tests, SQLite, TZ=Asia/Shanghai"
TZ=Asia/Shanghai $bin/python -m pytest -q tests -m "not browser and not postgresql"
say "engine, calendars and decisions, SQLite and PostgreSQL, TZ=UTC"
TZ=UTC TEST_DATABASES=sqlite,postgresql $bin/python -m pytest -q tests/engine tests/processes tests/api tests/decisions -m "not browser and not slow"
say "browser"
$bin/python -m pytest -q tests/browser tests/web
say "handbook"; $bin/sphinx-build -q -W -b html docs docs/_build/html
printf '\nall checks passed in %d s\n' $((SECONDS - started))
