#!/usr/bin/env bash
# Make the Python environment from a hash-locked list: setup.sh PYTHON VENV LOCK
set -euo pipefail
python=$1 venv=$2 lock=$3
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
stop() { printf '\n%s\n' "$*" >&2; exit 1; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  stop "需要 Python 3.11 或更新版本（$python 不是）。请安装后再试，或用 make PYTHON=python3.12 指定。
Python 3.11 or newer is needed."
if [ ! -x "$venv/bin/python" ]; then
  say "建立 Python 环境 $venv"
  "$python" -m venv "$venv" ||
    stop "不能建立环境。Debian 和 Ubuntu 需要另装：apt-get install -y python3-venv
The venv module is missing: apt-get install -y python3-venv"
fi
say "安装锁定的 Python 软件包（$lock）"
if "$venv/bin/python" -m uv --version >/dev/null 2>&1 ||
  "$venv/bin/python" -m pip install -q --disable-pip-version-check --only-binary :all: \
    --require-hashes -r deploy/uv.lock 2>/dev/null; then
  installer=("$venv/bin/python" -m uv pip install --quiet --python "$venv/bin/python")
else
  installer=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
fi
# jieba (Chinese search of the handbook) comes as source only; everything else as wheels.
"${installer[@]}" --require-hashes --only-binary :all: --no-binary jieba -r "$lock" ||
  stop "软件包没有装好。请检查网络和 pip 的软件源设置，然后再次运行同一命令。
The packages could not be installed: check the network and pip's index settings."
cat > "$venv/bin/wuyeflow" <<SCRIPT
#!/bin/sh
cd "$(pwd)" && exec "$(pwd)/$venv/bin/python" -m api "\$@"
SCRIPT
chmod +x "$venv/bin/wuyeflow"
