#!/usr/bin/env bash
# Stops what slurm_up.sh started in FOLDER, by the pid files that it left, and waits until it is gone.
# usage: slurm_down.sh FOLDER
set -uo pipefail
folder=$1
export SLURM_CONF=$folder/slurm.conf
scancel --user=root 2>/dev/null
pids=()
for file in "$folder"/run/slurmd.*.pid "$folder"/run/slurmctld.pid "$folder"/run/munged.pid; do
  [[ -s $file ]] && pids+=("$(cat "$file")")
done
for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
for _ in {1..100}; do
  alive=()
  for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null && alive+=("$pid"); done
  if [[ ${#alive[@]} == 0 ]]; then exit 0; fi
  sleep 0.1
done
kill -9 "${alive[@]}" 2>/dev/null
exit 0
