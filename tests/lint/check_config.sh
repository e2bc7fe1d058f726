#!/usr/bin/env bash
# Checks what other tools read: config/, dashboards/, docs/runbooks/ and the unit tests of the rules.
# Usage: tests/lint/check_config.sh [source directory]
#
# Needs promtool, amtool and python3 (packaging/install-deps.sh test). Prints every failure, then exits with 1.
set -uo pipefail

source_dir=$(cd "${1:-$(dirname "$0")/../..}" && pwd) || exit 2
cd "$source_dir" || exit 2

for tool in promtool amtool python3; do
  command -v "$tool" >/dev/null || {
    echo "check_config.sh: $tool is missing; packaging/install-deps.sh test installs it" >&2
    exit 1
  }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# check <what it is> <command>...: silent when it passes; else what was checked, and all that the command said.
check() {
  local what=$1
  shift
  "$@" >"$scratch/output" 2>&1 && return
  printf 'FAILED: %s\n' "$what" >&2
  sed 's/^/    /' "$scratch/output" >&2
  failures=$((failures + 1))
}

# Each file is a process of its own, two at a time: evaluating hours of rules takes seconds.
# shellcheck disable=SC2016
test_rules() {
  printf '%s\0' tests/data/rules/*_test.yml | xargs -0 -n 1 -P 2 sh -c '
    answer=$(promtool test rules "$1" 2>&1) || { printf "%s\n" "$answer"; exit 1; }' sh
}

check "promtool check config config/prometheus.yml" promtool check config config/prometheus.yml
check "promtool check rules config/alerts/*.yml" promtool check rules --lint-fatal config/alerts/*.yml
check "amtool check-config config/alertmanager.yml" amtool check-config config/alertmanager.yml
check "runbooks, annotations and test cases of the alerts" python3 tests/lint/check_alerts.py "$source_dir"
check "dashboards" python3 tests/lint/check_dashboards.py "$source_dir" "$scratch/expressions.yml"
if [[ -s $scratch/expressions.yml ]]; then
  check "PromQL of the dashboards" promtool check rules --lint=none "$scratch/expressions.yml"
fi
check "promtool test rules tests/data/rules/*_test.yml" test_rules

((failures == 0)) || {
  echo "check_config.sh: $failures of the checks failed" >&2
  exit 1
}
echo "check_config.sh: configuration, rules, dashboards and runbooks are in order"
