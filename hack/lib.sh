# shellcheck shell=bash
# Helpers for the scripts beside it: sourced, not run.

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$@"; exit 1; }

# The comment at the head of the script is its manual.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

misused() { die "$1; $(basename "$0") --help shows the usage"; }

# need_command COMMAND PACKAGE: installs PACKAGE when COMMAND is missing.
need_command() { command -v "$1" >/dev/null || install_package "$2"; }

install_package() {
  if [[ $EUID != 0 ]] || ! command -v apt-get >/dev/null; then
    die "$1 is not installed, and only root on Debian or Ubuntu can add it from here: install it, then try again"
  fi
  say "installing $1"
  apt_install "$1" || { apt-get update -qq && apt_install "$1"; } >&2 || die "apt-get could not install $1: see above"
}

apt_install() { DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$1" >&2; }

# wait_for SECONDS COMMAND...: fails when COMMAND did not succeed in that time.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

# A zombie is dead, although kill -0 still finds it.
dead() { ! grep -qs '^State:[[:space:]]*[^XZ]' "/proc/$1/status"; }

# terminate PID SECONDS: asks first, then kills.
terminate() {
  kill -TERM "$1" 2>/dev/null || return 0
  wait_for "$2" dead "$1" && return
  say "process $1 ignored SIGTERM for $2 s: killing it"
  kill -KILL "$1" 2>/dev/null || true
  wait_for 5 dead "$1"
}

# own_directory DIR FILE: makes DIR, or accepts it when FILE shows that we made it: it is deleted in the end, so no other
# will do.
own_directory() {
  mkdir -p "$(dirname "$1")"
  mkdir -m 700 "$1" 2>/dev/null || [[ -d $1 ]] || die "$1 is in the way: it is not a directory"
  [[ -O $1 ]] || die "$1 belongs to another user: choose another --dir"
  [[ -e $1/$2 || -z $(ls -A "$1") ]] ||
    die "$1 holds other files and would be deleted at stop: choose a new or an empty --dir"
}
