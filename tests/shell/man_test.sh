#!/usr/bin/env bash
# Does the manual page render without a warning, and name every command and option?
# usage: man_test.sh TIDELINE       exit 77: not tried, because man is not here
set -euo pipefail
program=$1
command -v man >/dev/null || { echo "not tried: no man (Debian: man-db)"; exit 77; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$program" man >"$place/tideline.1"

LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings=w -l "$place/tideline.1" >"$place/shown" 2>"$place/warnings"
if [[ -s $place/warnings ]]; then cat "$place/warnings"; exit 1; fi
# Without a terminal man prints no overstriking; lines are joined so that no name is missed at the end of one.
tr -s ' \n' '  ' <"$place/shown" >"$place/text"

failed=0
names() { "$program" "$@" --help | sed -n '/^Subcommands:/,$s/^  \([a-z]*\) .*/\1/p'; }
options() { "$program" "$@" --help | grep -o -- '--[a-z][a-z-]*' | sort -u; }
look() { grep -qF -- "$1" "$place/text" || { echo "the page lacks: $1"; failed=1; }; }
for name in $(names); do
  below=$(names "$name")
  if [[ -z $below ]]; then
    look "tideline $name"
    for option in $(options "$name"); do look "$option"; done
  fi
  for inner in $below; do
    look "tideline $name $inner"
    for option in $(options "$name" "$inner"); do look "$option"; done
  done
done
exit $failed
