#!/usr/bin/env bash
# Does a load that fills a small memory say that it is the load of this file, and answer "no"?
# usage: little_memory_test.sh TIDELINE
set -uo pipefail
program=$1
scenarios=$(cd "$(dirname "$0")/../../scenarios" && pwd)

ulimit -v 2000000 # KiB
if ! "$program" --version >/dev/null 2>&1; then
  echo "not tried: the program does not start in 2 GB of addresses, as with a sanitizer"
  exit 77
fi
said=$("$program" run "$scenarios/deepseek-2025-02-27.json" --quiet --threads 1 --set "warm_up=0 s" \
  --set "workload.output_tokens_per_day=40000 Gtok" 2>&1)
code=$?
want='^[^ ]+/deepseek-2025-02-27[.]json: error: [0-9]+ requests wait for their prompts 0 min after the window'
want+=' begins, and memory is at its end: '
if [[ $code != 3 || ! $said =~ $want ]]; then
  echo "exit $code, \"$said\""
  exit 1
fi
