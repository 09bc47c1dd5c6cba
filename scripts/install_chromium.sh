#!/bin/sh
# Installs Debian's Chromium for the browser tests where that can be done; else says why not.
# Without Chromium those tests skip, so this never fails.
set -u

if command -v chromium >/dev/null 2>&1; then
  exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
  echo "browser tests will skip: there is no chromium, and no apt-get to install it with"
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "browser tests will skip: there is no chromium; as root, apt-get install chromium gets it"
  exit 0
fi
echo "installing chromium for the browser tests"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { apt-get update && apt-get install --yes --no-install-recommends chromium; } >"$log" 2>&1; then
  echo "browser tests will skip: apt-get could not install chromium"
  tail -n 3 "$log"
fi
rm -f "$log"
exit 0
