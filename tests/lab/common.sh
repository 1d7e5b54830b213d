# What the lab's scripts share. Sourced. The lab is one private Libra: a run folder and
# a prefix for the names of its network namespaces; several labs do not meet.
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$lab/../.." && pwd)
run=${LIBRA_RUN_DIR:-$top/run}
prefix=${LIBRA_PREFIX:-libra}
marker=.libra-run  # a folder with this file in it was made by us and may be removed by us

# Addresses exist only inside the namespaces.
ctl_ip=10.77.0.1
jobs_ip=10.77.0.2
client_ip=10.77.0.9
node_ips=(10.77.1.1 10.77.1.2 10.77.1.3)

say() { printf '%s\n' "$*"; }
fail() {
  printf 'make run: %s\n' "$*" >&2
  exit 1
}

# phase NAME: ends the phase before, printing what it took.
phase() {
  local now=$EPOCHREALTIME
  if [ -n "${phase_name:-}" ]; then
    printf '  %-44s %6.1f s\n' "$phase_name" "$(awk "BEGIN {print $now - $phase_start}")"
  fi
  phase_name=${1:-} phase_start=$now
}

# wait_for SECONDS WHAT LOG COMMAND...: until COMMAND succeeds.
wait_for() {
  local seconds=$1 what=$2 log=$3 i
  shift 3
  for ((i = 0; i < seconds * 20; i++)); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.05
  done
  [ -f "$log" ] && tail -5 "$log" >&2
  fail "$what did not come up within $seconds s; its log is $log"
}

running() { # NAME: by pid file, and still ours
  local pid
  pid=$(cat "$run/$1.pid" 2>/dev/null) && [ -d "/proc/$pid" ] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF "$run/"
}

start() { # NAME NAMESPACE COMMAND...; "-" is the host's namespace
  local name=$1 netns=$2
  shift 2
  running "$name" && return 0
  local where=()
  [ "$netns" = - ] || where=(--netns "$netns")
  "$bin/lab-launch" --name "$name" --dir "$run" "${where[@]}" -- "$@" || fail "$name did not start"
}
