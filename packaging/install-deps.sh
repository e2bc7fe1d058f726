#!/usr/bin/env bash
# Installs what Trendscope needs from Debian 12's own packages, and nothing else.
# Usage: packaging/install-deps.sh [build] [run] [test]    (all three when none is named)
#
# May be run again at any time. Starts no service and enables none that was not there before.
set -euo pipefail

build_packages=(
  g++ cmake ninja-build ccache pkg-config
  qt6-base-dev qt6-charts-dev qt6-svg-dev
  prometheus-cpp-dev libspdlog-dev libfmt-dev libsimdjson-dev libyaml-cpp-dev libcli11-dev
  libmicrohttpd-dev libexpected-dev zlib1g-dev libgl-dev
)
run_packages=(prometheus prometheus-alertmanager fonts-inter fonts-dejavu-core libqt6svg6)
test_packages=(prometheus prometheus-alertmanager xvfb xauth xdotool clang-format-16 clang-tidy-16
  fonts-inter fonts-dejavu-core libqt6svg6 procps python3)

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

# shellcheck disable=SC1091
distribution=$(. /etc/os-release && echo "${ID:-unknown} ${VERSION_ID:-}") 2>/dev/null || distribution=unknown
if [[ $distribution != "debian 12" ]]; then
  cat >&2 <<TEXT
install-deps.sh: this is '$distribution'; only Debian 12 (bookworm) is supported here.
What Trendscope needs (${groups[*]}), by the names of Debian's packages:
$(printf '  %s\n' "${packages[@]}")
That is: GCC 12 or later (C++20), CMake 3.25, Ninja, Qt 6.4 (Base, Charts, Svg), prometheus-cpp 1.0, spdlog 1.10, fmt 9,
simdjson 3.0, yaml-cpp 0.7, CLI11 2.1, libmicrohttpd 0.9.75, tl-expected 1.0, zlib; to run: Prometheus 2.42,
Alertmanager 0.25 and the Inter font. Install them with your own package manager, then use CMake directly:
  cmake --workflow --preset release
TEXT
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "install-deps.sh: everything for ${groups[*]} is installed"
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "install-deps.sh: installing packages needs root: run it as root, or install sudo" >&2; exit 1; }
  as_root=(sudo)
fi

# prometheus and prometheus-alertmanager come as services that Debian starts and enables. A policy that denies every
# start is in force while apt runs; what apt newly enabled is disabled again afterwards.
policy=/usr/sbin/policy-rc.d
before=$(mktemp)
dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' | sed -n 's/^ii *//p' | sort >"$before"
own_policy=false
clean_up() {
  if $own_policy; then "${as_root[@]}" rm -f "$policy"; fi
  rm -f "$before"
}
trap clean_up EXIT
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  own_policy=true
  "${as_root[@]}" chmod 755 "$policy"
fi

"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install --yes --no-install-recommends -qq -o Dpkg::Use-Pty=0 "${missing[@]}"

dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' | sed -n 's/^ii *//p' | sort | comm -13 "$before" - |
  while read -r package; do
    dpkg -L "$package" | sed -nE 's,^(/usr)?/lib/systemd/system/([^/]+\.(service|socket|timer))$,\2,p' |
      while read -r unit; do
        [[ $unit == *@* ]] || "${as_root[@]}" systemctl disable --quiet "$unit" 2>/dev/null || true
      done
    dpkg -L "$package" | sed -nE 's,^/etc/init\.d/([^/]+)$,\1,p' |
      while read -r script; do
        "${as_root[@]}" update-rc.d "$script" disable 2>/dev/null || true
      done
  done
echo "install-deps.sh: installed ${#missing[@]} packages for ${groups[*]}"
