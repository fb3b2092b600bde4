#!/usr/bin/env bash
# Install the Debian packages that the tests need and a machine may lack: a browser, a Chinese
# font, Pango for PDF and PostgreSQL's server. Says what it does; does nothing when all is there.
set -euo pipefail
need=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || need+=(chromium)
fc-list :lang=zh 2>/dev/null | grep -q . || need+=(fontconfig fonts-wqy-microhei)
ls /usr/lib/*/libpangoft2-1.0.so.0 >/dev/null 2>&1 || need+=(libpangoft2-1.0-0)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || need+=(postgresql)
[ ${#need[@]} -eq 0 ] && exit 0
printf '==> 测试需要这些 Debian 软件包，现在安装: %s\n' "${need[*]}"
if ! command -v apt-get >/dev/null; then
  printf '这台机器没有 apt-get。请自行安装: %s\nInstall these yourself, then run the same command again.\n' "${need[*]}" >&2
  exit 1
fi
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
