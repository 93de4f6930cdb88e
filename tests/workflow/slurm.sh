#!/usr/bin/env bash
# A sweep of four runs on a real Slurm of one node, started here, as root, on loopback; one job is killed on the way.
# Then one on a node that is drained, and killed for good: what is said at the end.
# Needs Debian's slurmctld, slurmd, slurm-client and munge, and snakemake-executor-plugin-slurm.
set -euo pipefail
cd "$(dirname "$0")/../.."
for tool in slurmctld slurmd sbatch munged; do
    command -v $tool > /dev/null || { echo "$tool is missing: apt-get install slurmctld slurmd slurm-client munge" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "Starting Slurm takes root." >&2; exit 1; }
if [ -e /etc/slurm/slurm.conf ] && ! grep -q "^ClusterName=study$" /etc/slurm/slurm.conf; then
    echo "/etc/slurm/slurm.conf is another cluster's: this machine has a Slurm, which is left alone." >&2; exit 1
fi

room=$(mktemp -d "${TMPDIR:-/tmp}/slurm of the study.XXXX"); state=$(mktemp -d)
# the interpreter has a path that a shell could misread, as in a folder with one
mkdir "$room/my study (v2)"
ln -s "$PWD" "$room/my study (v2)/o'neil"
export PATH="$room/my study (v2)/o'neil/.venv/bin:$PATH" NEURON_STUDY_RUNS="$room/runs"
# ends processes by their numbers; those that have not after half a minute, at once
end() {
    for process in "$@"; do
        kill "$process" 2> /dev/null && { timeout 30 tail --pid "$process" -f /dev/null || kill -KILL "$process"; } || true
    done
}
finish() {
    code=$?
    timeout 30 scancel --partition study 2> /dev/null || true
    end ${workflow:-}
    for name in slurmd slurmctld; do [ ! -e "$state/$name.pid" ] || end "$(cat "$state/$name.pid")"; done
    end ${munge:-}
    [ $code = 0 ] || find "$state" -name "*.log" -exec tail -n 20 {} + >&2 || true
    rm -rf "$room" "$state"
    exit $code
}
trap finish EXIT

# the first line that a command says, as soon as it says something; for which a minute is waited at most
wait_for() {
    timeout 60 bash -c 'until said=$("$@" 2> /dev/null) && [ -n "$said" ]; do sleep 0.5; done; echo "$said"' - "$@" | sed -n 1p ||
        { echo "Nothing within a minute from: $*" >&2; return 1; }
}

host=$(hostname -s)
mkdir -p /etc/slurm "$state/ctld" "$state/d"
cat > /etc/slurm/slurm.conf <<CONF
ClusterName=study
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
StateSaveLocation=$state/ctld
SlurmdSpoolDir=$state/d
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=2000
PartitionName=study Nodes=ALL Default=YES State=UP
CONF
if ! munge -n > /dev/null 2>&1; then
    mkdir -p /run/munge && chown munge: /run/munge
    setpriv --reuid munge --regid munge --clear-groups munged --foreground > "$state/munged.log" 2>&1 & munge=$!
    wait_for munge -n > /dev/null
fi
slurmctld
slurmd
wait_for sinfo -h -o %T -t idle -n "$host" --noheader > /dev/null

sweep() {  # the sweep, with flags, at work in the background
    timeout --kill-after 30 900 make -o .venv/.ready sweep SWEEP=tests/workflow/slurm.yml FLAGS="--profile profiles/slurm \
        --slurm-logdir $state/jobs --slurm-no-account --slurm-status-command squeue \
        --slurm-init-seconds-before-status-checks 5 --default-resources slurm_partition=study mem_mb=900 runtime=10 \
        $*" > "$state/sweep.log" 2>&1 & workflow=$!
}

sweep
job=$(wait_for squeue -h -t RUNNING -o %i)
scancel --signal KILL --full "$job"
wait $workflow
grep -q "Trying to restart job" "$state/sweep.log"
grep -q "^4 of 4 runs done" "$state/sweep.log"
[ "$(ls "$NEURON_STUDY_RUNS"/slurm/*/measures.csv | wc -l)" = 4 ]
echo "Slurm: 4 runs finished, job $job killed and run again."

rm -r "$NEURON_STUDY_RUNS/slurm/l2=0"
scontrol update nodename="$host" state=drain reason=mended
sweep --retries 0
waits() { squeue -h --me -t PENDING -o "%i %k %r" | grep "rule_01-train_wildcards_0 .*\(DRAINED\|Unavailable\)"; }
export -f waits
job=$(wait_for waits)
scontrol update nodename="$host" state=resume
wait_for squeue -h -t RUNNING -o %i > /dev/null
scancel --signal KILL --full "${job%% *}"
! wait $workflow
said=$(grep "^l2=0: interrupted, 01-train; see " "$state/sweep.log")
grep -q "CANCELLED AT\|Exited with exit code\|Killed" "${said#*; see }"
echo "Slurm: where a job waits for a drained node, and why it was killed, can be read."
