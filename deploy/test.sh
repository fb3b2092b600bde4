#!/usr/bin/env bash
# Every check of the project, in the order in which they fail fastest; stops at the first failure.
set -euo pipefail
say() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }
started=$SECONDS
bin=.venv/bin
node=$(deploy/node.sh)
workers=${WORKERS:-$(nproc)}
deploy/debian.sh
say "lint";      $bin/ruff format --check --quiet; $bin/ruff check --quiet
say "types";     $bin/mypy
say "contracts"; told=$($bin/lint-imports --no-cache) || { printf '%s\n' "$told"; exit 1; }
say "browser parts: types and unit tests"
(cd web && PATH="$node:$PATH" && npm run --silent check && npm test --silent)
say "everything but the browser, SQLite and PostgreSQL, TZ=Asia/Shanghai"
TZ=Asia/Shanghai TEST_DATABASES=sqlite,postgresql $bin/python -m pytest -q -n "$workers" --dist loadgroup tests -m "not browser"
say "engine, calendars and decisions again, SQLite and PostgreSQL, TZ=UTC"
TZ=UTC TEST_DATABASES=sqlite,postgresql $bin/python -m pytest -q -n "$workers" --dist loadgroup tests/engine tests/decisions -m "not browser"
say "browser"  # a worker waits for its page a part of the time: one more than there are processors
$bin/python -m pytest -q -n "$((workers + 1))" --maxschedchunk 1 tests -m browser
say "handbook"; $bin/sphinx-build -q -W -b html docs docs/_build/html
printf '\nall checks passed in %d s\n' $((SECONDS - started))
