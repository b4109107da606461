#!/usr/bin/env bash
# Does a program whose answer cannot be written say so, and end as after any mistake?
# usage: full_disk_test.sh TIDELINE
set -uo pipefail
program=$1
scenarios=$(cd "$(dirname "$0")/../../scenarios" && pwd)

failed=0
full() {
  said=$("$program" "$@" 2>&1 >/dev/full)
  code=$?
  if [[ $code != 2 || $said != "stdout: error: cannot be written" ]]; then
    echo "tideline $*: exit $code, \"$said\""
    failed=1
  fi
}
full list
full --help
full schema
full show "$scenarios/deepseek-2025-02-27.json"
full check "$scenarios/deepseek-2025-02-27.json"
full run "$scenarios/mooncake-conversation.json" --set "warm_up=10 s" --set "duration=20 s" --quiet
exit $failed
