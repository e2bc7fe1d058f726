#!/usr/bin/env bash
# Installs what the build and the tests need, builds with warnings as errors, and runs every test; then runs the unit
# tests of core once more under the address and undefined-behaviour sanitizers.
# Usage: packaging/test.sh [--bench]    --bench: run the benchmarks too; each prints `NAME value limit`
#
# Works from any directory. TRENDSCOPE_TIDY_BASE=REV: clang-tidy reads what changed since REV, not since the last commit.
set -euo pipefail

fail() {
  echo "test.sh: $2" >&2
  exit "$1"
}

with_benchmarks=false
for argument in "$@"; do
  case "$argument" in
    --bench) with_benchmarks=true ;;
    -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *) fail 2 "unknown argument '$argument'; packaging/test.sh --help says what there is" ;;
  esac
done

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
cd -- "$root"

step() {
  printf '\n== %s\n' "$*"
}

# In a clone what git knows; in an unpacked archive what is there.
sources() {
  if [[ -e .git ]]; then
    git ls-files '*.cpp' '*.h'
  else
    find app core tests ui -name '*.cpp' -o -name '*.h'
  fi
}

# Sets `base` to the commit to compare with; leaves it empty where there is none.
choose_base() {
  base=
  if [[ -n ${TRENDSCOPE_TIDY_BASE:-} ]]; then
    base=$TRENDSCOPE_TIDY_BASE
    git rev-parse --quiet --verify "$base^{commit}" >/dev/null || fail 1 "TRENDSCOPE_TIDY_BASE: there is no commit '$base'"
  elif [[ -e .git ]] && git rev-parse --quiet --verify 'HEAD~1^{commit}' >/dev/null; then
    base=HEAD~1
  fi
}

# clang-tidy on the files given.
tidy() {
  local database
  database=$(mktemp -d)
  # shellcheck disable=SC2064 # its value now
  trap "rm -rf '$database'" EXIT
  # The compile commands hold GCC's own precompiled header and flags, which clang does not read.
  sed -E 's/-include [^ ]*cmake_pch\.hxx//g; s/-fpch-preprocess|-Winvalid-pch|-Wno-stringop-overflow|-Wno-restrict//g' \
    build/ci/compile_commands.json >"$database/compile_commands.json"
  printf '%s\0' "$@" | xargs -0 -P 2 -n 4 clang-tidy-16 -p "$database" --quiet
}

choose_base

step "Installing what the build and the tests need"
packaging/install-deps.sh build run test

step "Format"
listing=$(sources) || fail 1 "the sources can not be listed"
[[ -n $listing ]] || fail 1 "there is no source in $root"
mapfile -t files <<<"$listing"
clang-format-16 --dry-run --Werror "${files[@]}"

step "Release build, warnings are errors"
cmake --preset ci
cmake --build --preset ci

step "Every public header compiles alone"
cmake --build --preset ci --target all_verify_interface_header_sets

step "clang-tidy on what changed"
if [[ -z $base ]]; then
  echo "NOT DONE: no earlier commit to compare with. Fetch more history, or name one: TRENDSCOPE_TIDY_BASE=REV" >&2
else
  listing=$(git diff --name-only --diff-filter=d "$base" -- 'app/*.cpp' 'core/*.cpp' 'ui/*.cpp') ||
    fail 1 "git can not compare with $base"
  if [[ -n $listing ]]; then
    mapfile -t files <<<"$listing"
    tidy "${files[@]}"
  else
    echo "no source of app, core or ui changed since $base"
  fi
fi

step "All tests"
ctest --preset ci

if $with_benchmarks; then
  step "Benchmarks"
  ctest --test-dir build/ci -L bench --output-on-failure --verbose
fi

step "Unit tests of core under the sanitizers"
cmake --workflow --preset asan
