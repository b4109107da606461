#!/usr/bin/env bash
# Does bash complete commands, options, values and scenarios, from the program's own word?
# usage: completion_test.sh TIDELINE
set -euo pipefail
program=$(realpath "$1")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
eval "$("$program" completion bash)"
# Outside an interactive shell compopt has no completion to change.
compopt() { :; }

failed=0
# complete_to WORD...: what completing the last of these words offers, sorted.
complete_to() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _tideline
  printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort -u | paste -sd ' '
}
expect() {  # expect "WANTED" WORD...
  local wanted=$1 got
  shift
  got=$(complete_to "$@")
  [[ $got == "$wanted" ]] || { echo "completing '$*': wanted '$wanted', got '$got'"; failed=1; }
}
holds() {  # holds "WANTED" WORD...: among others
  local wanted=$1 got
  shift
  got=$(complete_to "$@")
  [[ " $got " == *" $wanted "* ]] || { echo "completing '$*': wanted '$wanted' among '$got'"; failed=1; }
}

expect 'layouts list' tideline l
expect 'run' tideline ru
expect '--help --version -h' tideline -
expect '--seed --series --set' tideline run scenarios/deepseek-2025-02-27.json --se
expect 'csv json text' tideline run --format ''
expect 'json' tideline run --format j
expect 'inspect' tideline calibrate ins
expect '--svg' tideline calibrate inspect h800 --s
expect 'bash' tideline completion ''
holds 'scenarios/deepseek-layouts.json' tideline layouts scenarios/deepseek-l
holds 'scenarios' tideline run scen
holds 'decode_overlap' tideline ablate scenarios/deepseek-2025-02-27.json --only d
expect '' tideline run scenarios/for-  # no pages

# Every subcommand of the program is offered.
for name in $("$program" --help | sed -n '/^Subcommands:/,$s/^  \([a-z]*\) .*/\1/p'); do
  holds "$name" tideline "$name"
done
exit $failed
