#!/usr/bin/env bash
# Build the browser parts into api/static/web.
set -euo pipefail
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
node=$(deploy/node.sh)
export PATH="$node:$PATH"
cd web
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "安装前端软件包"
  npm ci --no-fund --no-audit --loglevel=error || {
    printf '\n前端软件包没有装好。请检查网络和 npm 的软件源设置，然后再次运行同一命令。\n' >&2
    exit 1
  }
fi
say "构建前端"
npm run --silent build -- --logLevel warn
