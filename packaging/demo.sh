#!/usr/bin/env bash
# Installs what Trendscope needs, builds it, and opens the console on a simulated platform.
# Usage: packaging/demo.sh [--once] [--headless] [--output-directory DIR] [--theme dark|light]
#   --once                  write the pictures and end, with status 1 when a panel had no data
#   --headless              open no window, even where there is a display: write pictures instead
#   --output-directory DIR  where the pictures go; demo-out/ below the current directory
#   --theme THEME           colours: dark or light
#
# Works from any directory. Without a display it behaves as with --headless.
set -euo pipefail

# Before anything is installed or built: a mistake should not take minutes to be found.
value_of=
for argument in "$@"; do
  if [[ -n $value_of ]]; then
    value_of=
    continue
  fi
  case "$argument" in
    --once | --headless | --output-directory=?* | --theme=dark | --theme=light) ;;
    --output-directory | --theme) value_of=$argument ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *) echo "demo.sh: unknown argument '$argument'; packaging/demo.sh --help says what there is" >&2 && exit 2 ;;
  esac
done
[[ -z $value_of ]] || { echo "demo.sh: $value_of needs a value" >&2; exit 2; }

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
