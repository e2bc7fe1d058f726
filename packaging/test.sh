#!/usr/bin/env bash
# Installs what the build and the tests need, builds with warnings as errors, and runs every test; then runs the unit
# tests of core once more under the address and undefined-behaviour sanitizers.
# Usage: packaging/test.sh [--bench]    --bench: run the benchmarks too; each prints `NAME value limit`
#
# Works from any directory. TRENDSCOPE_TIDY_BASE=REV: clang-tidy reads what changed since REV, not since the last commit.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
cd -- "$root"

step() {
  printf '\n== %s\n' "$*"
}

step "Installing what the build and the tests need"
packaging/install-deps.sh build run test

step "Format"
mapfile -t sources < <(git ls-files '*.cpp' '*.h')
clang-format-16 --dry-run --Werror "${sources[@]}"

step "Release build, warnings are errors"
cmake --preset ci
cmake --build --preset ci

step "Every public header compiles alone"
cmake --build --preset ci --target all_verify_interface_header_sets

step "clang-tidy on what changed"
base=${TRENDSCOPE_TIDY_BASE:-HEAD~1}
mapfile -t changed < <(git diff --name-only --diff-filter=d "$base" -- 'app/*.cpp' 'core/*.cpp' 'ui/*.cpp' 2>/dev/null || true)
if ((${#changed[@]})); then
  # The compile commands hold GCC's own precompiled header and flags, which clang does not read.
  tidy=$(mktemp -d)
  trap 'rm -rf "$tidy"' EXIT
  sed -E 's/-include [^ ]*cmake_pch\.hxx//g; s/-fpch-preprocess|-Winvalid-pch|-Wno-stringop-overflow|-Wno-restrict//g' \
    build/ci/compile_commands.json >"$tidy/compile_commands.json"
  printf '%s\0' "${changed[@]}" | xargs -0 -P 2 -n 4 clang-tidy-16 -p "$tidy" --quiet
else
  echo "no source of app, core or ui changed since $base"
fi

step "All tests"
ctest --preset ci

if [[ ${1:-} == --bench ]]; then
  step "Benchmarks"
  ctest --test-dir build/ci -L bench --output-on-failure --verbose
fi

step "Unit tests of core under the sanitizers"
cmake --workflow --preset asan
