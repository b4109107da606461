#!/usr/bin/env bash
# A Slurm of its own on this machine: a controller and nodes n1, n2, ... of two cores on loopback, without
# systemd, accounts or anything in /etc. For tests; slurm_down.sh stops it.
# usage: slurm_up.sh FOLDER NODES PORT   (an absolute path; root)
set -euo pipefail
folder=$1 nodes=$2 port=$3
mkdir -p "$folder"/{state,log,run}
for ((i = 1; i <= nodes; i++)); do mkdir -p "$folder/spool.n$i"; done

# A key and a socket of its own.
head -c 1024 /dev/urandom > "$folder/munge.key"
chmod 0400 "$folder/munge.key"
chmod 0755 "$folder" "$folder/run" "$folder/log"
munged --key-file="$folder/munge.key" --socket="$folder/run/munge.socket" \
  --pid-file="$folder/run/munged.pid" --log-file="$folder/log/munged.log" \
  --seed-file="$folder/run/munge.seed" --num-threads=2 --force

# linuxproc and task/none: no cgroups. A restarted node is taken back at once. A job that is put back into the
# queue may start when the credential of its first start has expired: 120 s unless said.
cat > "$folder/slurm.conf" <<CONF
ClusterName=loop
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/run/munge.socket,cred_expire=${CRED_EXPIRE:-120}
CredType=cred/munge
SlurmctldPort=$port
ReturnToService=2
SlurmdTimeout=${SLURMD_TIMEOUT:-300}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$folder/log/jobcomp.txt
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_min_interval=100000,batch_sched_delay=0
MinJobAge=300
KillWait=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool.%n
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmdPidFile=$folder/run/slurmd.%n.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.%n.log
SlurmdParameters=config_overrides
CONF
for ((i = 1; i <= nodes; i++)); do
  echo "NodeName=n$i NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + i)) CPUs=2 RealMemory=1000"
done >> "$folder/slurm.conf"
echo "PartitionName=main Nodes=n[1-$nodes] Default=YES MaxTime=INFINITE State=UP" >> "$folder/slurm.conf"

# Absolute paths: with a relative one every launch fails.
export SLURM_CONF=$folder/slurm.conf
trap '[[ $? == 0 ]] || tail -n 20 "$folder"/log/*.log >&2' EXIT
slurmctld -c -f "$SLURM_CONF"
for ((i = 1; i <= nodes; i++)); do slurmd -c -N "n$i" -f "$SLURM_CONF"; done
for _ in {1..200}; do
  if [[ $(sinfo -h -t idle -o %D 2>/dev/null) == "$nodes" ]]; then exit 0; fi
  sleep 0.1
done
echo "the nodes did not come up" >&2
exit 1
