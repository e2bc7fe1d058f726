#!/usr/bin/env bash
# Installs what Trendscope needs, builds it, and opens the console on a simulated platform.
# Usage: packaging/demo.sh [options of `trendscope demo`]    e.g. packaging/demo.sh --once
#
# Works from any directory. Without a display it draws the dashboards into demo-out/ below the current directory.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

step() {
  printf '\n== %s\n' "$*"
}

step "Installing what the build and the demo need"
"$root/packaging/install-deps.sh" build run

step "Building (some minutes the first time)"
(cd -- "$root" && cmake --workflow --preset release)

step "Starting the demo; Ctrl-C ends it"
exec "$root/build/release/bin/trendscope" demo "$@"
