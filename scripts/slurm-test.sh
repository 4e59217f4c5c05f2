#!/usr/bin/env bash
# The array script of docs/cluster.md on a real Slurm: one node, this one. A task is killed and requeued; the merged map must
# have the bits of one run. Needs root and Debian's packages slurm-wlm and munge, which it installs. No systemd.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" != 0 ]; then
  echo "slurm-test: skipped: it configures a cluster, and so has to run as root" >&2
  exit 0
fi
if ! command -v slurmctld slurmd munged srun > /dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge > /dev/null
fi

work=$(mktemp -d)
cluster=$work/cluster
mkdir -p "$cluster"/{state,spool,munge}
chmod 755 "$work"
host=$(hostname -s)
# Ports of its own, so that a cluster that is already here is left alone.
controller_port=$((20000 + RANDOM % 5000))
node_port=$((controller_port + 1))

daemons=()
finish() {
  local code=$?
  for pid in "${daemons[@]}"; do kill "$pid" 2> /dev/null || true; done
  [ $code = 0 ] || tail -n 30 "$cluster"/*.log "$work"/*.log >&2 2> /dev/null || true
  wait 2> /dev/null || true
  rm -rf "$work"
  exit $code
}
trap finish EXIT

# munge signs what the daemons say to each other; its key and socket stay in the test's own folder.
dd if=/dev/urandom of="$cluster/munge/key" bs=1024 count=1 status=none
chmod 700 "$cluster/munge" && chmod 600 "$cluster/munge/key"
munged --foreground --force --key-file="$cluster/munge/key" --socket="$cluster/munge.socket" \
  --pid-file="$cluster/munge/pid" --log-file="$cluster/munge/log" --seed-file="$cluster/munge/seed" > "$cluster/munged.log" 2>&1 &
daemons+=($!)

cat > "$cluster/slurm.conf" << CONF
ClusterName=erfit
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller_port
SlurmdPort=$node_port
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$cluster/munge.socket
CredType=cred/munge
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
CONF
export SLURM_CONF=$cluster/slurm.conf

wait_for() { # seconds, what, command...
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    if [ $SECONDS -ge $deadline ]; then
      echo "slurm-test: waited in vain for $what" >&2
      return 1
    fi
    sleep 0.3
  done
}

wait_for 30 munge test -S "$cluster/munge.socket"
slurmctld -D -f "$SLURM_CONF" > "$cluster/slurmctld.log" 2>&1 &
daemons+=($!)
slurmd -D -f "$SLURM_CONF" -N "$host" > "$cluster/slurmd.log" 2>&1 &
daemons+=($!)
node_is_idle() { sinfo -h -o %T | grep -q idle; }
wait_for 60 "the node" node_is_idle

# The script as the page has it, with this checkout's command.
sed -n '/^#!\/bin\/bash$/,/^```$/p' docs/cluster.md | sed '/^```$/d' > "$work/erf-array.sh"
grep -q 'SLURM_ARRAY_TASK_ID/20' "$work/erf-array.sh"
mkdir "$work/bin"
printf '#!/bin/sh\nexec "%s" "%s/bin/erfit.js" "$@"\n' "$(command -v node)" "$PWD" > "$work/bin/erfit"
chmod +x "$work/bin/erfit"
export PATH=$work/bin:$PATH

export MODEL=$PWD/models/vgg16-sample.onnx PHOTOGRAPHS=$work/photographs SHARDS=$work/shards
mkdir "$PHOTOGRAPHS"
# 40 photographs: the bundled ones under several names, two to a block.
number=0
for copy in 1 2 3 4 5 6; do
  for photo in photos/*.jpg; do
    [ $number -lt 40 ] || continue
    ln -s "$PWD/$photo" "$PHOTOGRAPHS/$(printf %02d $number)-$copy.jpg"
    number=$((number + 1))
  done
done

cd "$work"
job=$(sbatch --parsable --cpus-per-task=1 erf-array.sh)
# Task 3 is killed while it works, as by a node that fails, and put into the queue again.
task_runs() { [ "$(squeue -h -j "${job}_3" -o %T)" = RUNNING ]; }
wait_for 300 "task 3" task_runs
sleep 2
if scancel --signal=KILL --full "${job}_3" && scontrol requeue "${job}_3" 2> /dev/null; then
  echo "slurm-test: task 3 was killed, and requeued"
else
  # It was over before it was back in the queue: submitted again by itself, as the page says.
  sbatch --parsable --wait --cpus-per-task=1 --array=3 erf-array.sh > /dev/null
  echo "slurm-test: task 3 was killed, and submitted again"
fi
queue_is_empty() { [ -z "$(squeue -h)" ]; }
wait_for 900 "the array" queue_is_empty
ls "$SHARDS" | grep -c 'state$' | grep -qx 20

erfit merge "$SHARDS" --out merged --quiet > /dev/null
erfit calibrate "$MODEL" "$PHOTOGRAPHS" --shard none --out whole --quiet > /dev/null
cmp merged/erf.npy whole/erf.npy
node -e '
  const { readFileSync } = require("node:fs");
  const [a, b] = ["merged", "whole"].map((folder) => {
    const { provenance, ...rest } = JSON.parse(readFileSync(`${folder}/calibration.json`, "utf8"));
    return JSON.stringify(rest);
  });
  if (a !== b) throw new Error("the calibrations differ");
'
echo "slurm-test: 20 tasks of a Slurm array, merged: the bits of one run"
