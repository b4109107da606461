# What tools/demo and tools/test share; sourced by them, from the root of the tree. On a bare Debian 12 it
# installs what is missing and nothing else, then configures and builds a preset into build/<preset>.

packages_to_build=(g++ cmake ninja-build libboost-dev libcli11-dev libeigen3-dev libfmt-dev nlohmann-json3-dev
                   doctest-dev libre2-dev libsqlite3-dev libssl-dev libtbb-dev libxlsxwriter-dev zlib1g-dev)
packages_to_test=(clang python3 python3-ipykernel python3-jsonschema python3-nbclient python3-nbformat
                  chromium man-db parallel openmpi-bin slurmctld slurmd slurm-client munge tzdata)
# The page of reports is bundled by node and npm, wherever they are from; Debian's do not go with others.
command -v npm >/dev/null || packages_to_test+=(nodejs npm)

if [[ -t 2 && -z "${NO_COLOR:-}" ]]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
say() { printf '%s== %s%s\n' "$bold" "$*" "$plain" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "installing packages needs root or sudo: apt-get install --no-install-recommends ${missing[*]}"
  fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
    apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null >&2
}

is_installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }
is_offered() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep '^  Candidate: [^(]' >/dev/null; }

# install_packages NAME...: asks apt only for what is missing, and refreshes its lists only when a name is not
# in them or what they name can no longer be had.
install_packages() {
  command -v dpkg-query >/dev/null || { say "no dpkg here; going on with what is installed"; return; }
  local package missing=() refresh=''
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  if [[ ${#missing[@]} == 0 ]]; then return; fi
  say "installing ${missing[*]}"
  for package in "${missing[@]}"; do is_offered "$package" || refresh=yes; done
  if [[ -n "$refresh" ]]; then apt update || die "apt-get update failed; is the package mirror reachable?"; fi
  apt install --no-install-recommends "${missing[@]}" && return
  [[ -z "$refresh" ]] || die "apt-get install failed"
  apt update && apt install --no-install-recommends "${missing[@]}" || die "apt-get install failed"
}

# build PRESET [TARGET...]: everything, or the targets named.
build() {
  local preset=$1
  shift
  say "building preset $preset"
  cmake --preset "$preset" >&2
  cmake --build --preset "$preset" ${1:+--target "$@"} >&2
}
