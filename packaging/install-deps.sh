#!/usr/bin/env bash
# Installs what Trendscope needs from Debian 12's own packages, and nothing else.
# Usage: packaging/install-deps.sh [build] [run] [test]    (all three when none is named)
#
# May be run again at any time, also after a run that failed. Starts no service and enables none that was not there before.
# shellcheck disable=SC2034 # the groups are read by their names
set -euo pipefail

build_packages=(
  g++ cmake ninja-build ccache pkg-config
  qt6-base-dev qt6-svg-dev
  prometheus-cpp-dev libspdlog-dev libfmt-dev libsimdjson-dev libyaml-cpp-dev libcli11-dev
  libmicrohttpd-dev libpq-dev libhiredis-dev libexpected-dev libre2-dev libssl-dev libgnutls28-dev libcrypt-dev libsystemd-dev
  libdeflate-dev zlib1g-dev libgl-dev
)
run_packages=(prometheus prometheus-alertmanager fonts-inter fonts-dejavu-core libqt6svg6)
test_packages=(prometheus prometheus-alertmanager openssl xvfb xauth xdotool clang-format-16 clang-tidy-16
  fonts-inter fonts-dejavu-core libqt6svg6 procps
  postgresql-15 pgbouncer redis-server redis-tools
  celery python3 python3-celery python3-fastapi python3-prometheus-client python3-redis python3-uvicorn
  qt6-charts-dev mtail python3-pythonjsonlogger
  prometheus-node-exporter prometheus-postgres-exporter prometheus-redis-exporter)

build_prose="GCC 12 or later (C++20), CMake 3.25, Ninja, pkg-config, Qt 6.4 (Base, Svg), prometheus-cpp 1.0, spdlog 1.10,
  fmt 9, simdjson 3.0, yaml-cpp 0.7, CLI11 2.1, libmicrohttpd 0.9.75, libpq 14, hiredis 0.14, tl-expected 1.0, RE2, OpenSSL 3,
  GnuTLS 3.7, libcrypt with bcrypt, libsystemd, libdeflate 1.10, zlib, the headers of OpenGL; and ccache, if you like"
run_prose="Qt's plugin for SVG images, the fonts Inter and DejaVu Sans; for the demo Prometheus 2.42 with promtool, and
  Alertmanager 0.25, as the programs prometheus and prometheus-alertmanager"
test_prose="what is needed to run, amtool, openssl, Xvfb with xauth, xdotool, ps, clang-format 16 and clang-tidy 16 as
  clang-format-16 and clang-tidy-16, PostgreSQL 15, pgbouncer, Redis 7 as redis-server and redis-cli, and for
  /usr/bin/python3 Celery 5.2 with redis, FastAPI 0.92, uvicorn and prometheus_client 0.16; to compare with,
  postgres_exporter and redis_exporter (as prometheus-postgres-exporter and prometheus-redis-exporter); for benchmarks
  Qt Charts 6.4, mtail 3.0, node_exporter (as prometheus-node-exporter) and Python's python-json-logger"

usage() {
  sed -n '2,5s/^# \{0,1\}//p' "$0"
}

groups=()
for argument in "$@"; do
  case "$argument" in
    build | run | test) groups+=("$argument") ;;
    -h | --help) usage && exit 0 ;;
    *) echo "install-deps.sh: unknown group '$argument'; the groups are build, run and test" >&2 && exit 2 ;;
  esac
done
((${#groups[@]})) || groups=(build run test)

packages=()
for group in "${groups[@]}"; do
  declare -n of_group="${group}_packages"
  packages+=("${of_group[@]}")
done
mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)

missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
done

# While apt runs, a policy of ours denies the start of every service; one that was there waits beside it. The marker tells
# what a killed run left.
policy=/usr/sbin/policy-rc.d
waiting_policy=$policy.before-trendscope
marker="# Written by Trendscope's install-deps.sh, which removes it at its end."
is_there() {
  [[ -e $1 || -L $1 ]]
}
is_ours() {
  grep -qsF "$marker" "$policy"
}
was_interrupted=false
if is_ours || is_there "$waiting_policy"; then was_interrupted=true; fi

if ((${#missing[@]} == 0)) && ! $was_interrupted; then
  echo "install-deps.sh: everything for ${groups[*]} is installed"
  exit 0
fi

# shellcheck disable=SC1091
distribution=$(. /etc/os-release && echo "${ID:-unknown} ${VERSION_ID:-}") 2>/dev/null || distribution=unknown
if [[ $distribution != "debian 12" ]] && ((${#missing[@]})); then
  {
    echo "install-deps.sh: this is '$distribution'; only Debian 12 (bookworm) is supported here. What Trendscope needs:"
    for group in "${groups[@]}"; do
      declare -n of_group="${group}_packages" prose="${group}_prose"
      printf '\nto %s: %s.\n  In Debian: %s\n' "$group" "$prose" "${of_group[*]}"
    done
    printf '\nInstall them with your own package manager, then use CMake directly:\n  cmake --workflow --preset release\n'
  } >&2
  exit 1
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "install-deps.sh: installing packages needs root: run it as root, or install sudo" >&2; exit 1; }
  as_root=(sudo)
fi

packages_whose_status_is() {
  dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' | sed -nE "s/^$1[ R]//p" | sort -u
}

disable_services_of() {
  dpkg -L "$1" 2>/dev/null | sed -nE 's,^(/usr)?/lib/systemd/system/([^/]+\.(service|socket|timer))$,\2,p' |
    while read -r unit; do
      [[ $unit == *@* ]] || "${as_root[@]}" systemctl disable --quiet "$unit" 2>/dev/null
    done
  dpkg -L "$1" 2>/dev/null | sed -nE 's,^/etc/init\.d/([^/]+)$,\1,p' |
    while read -r script; do
      "${as_root[@]}" update-rc.d "$script" disable 2>/dev/null
    done
}

# Whatever way it ends, also with a failed apt: packages of which this run has configured at least a part may have enabled
# services, prometheus and prometheus-alertmanager among them. Only SIGKILL prevents this; the next run then says so.
clean_up() {
  set +e
  trap '' HUP INT TERM
  local package
  while read -r package; do
    disable_services_of "$package"
  done < <(packages_whose_status_is 'i[A-Za-z]' | comm -13 "$before" -)
  if is_ours; then "${as_root[@]}" rm -f "$policy"; fi
  if is_there "$waiting_policy"; then "${as_root[@]}" mv -f "$waiting_policy" "$policy"; fi
  rm -f "$before"
}

before=$(mktemp)
packages_whose_status_is ii >"$before"
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

if $was_interrupted; then
  echo "install-deps.sh: an earlier run was killed. See whether services that it installed are enabled now:" >&2
  echo "  systemctl is-enabled prometheus prometheus-alertmanager" >&2
fi
((${#missing[@]})) || exit 0

if is_there "$policy" && ! is_ours; then "${as_root[@]}" mv -f "$policy" "$waiting_policy"; fi
printf '#!/bin/sh\n%s\nexit 101\n' "$marker" | "${as_root[@]}" tee "$policy" >/dev/null
"${as_root[@]}" chmod 755 "$policy"

"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install --yes --no-install-recommends -qq -o Dpkg::Use-Pty=0 "${missing[@]}"
echo "install-deps.sh: installed ${#missing[@]} packages for ${groups[*]}"
