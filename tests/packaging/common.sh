# What the packaging test's scripts share. Sourced. Machines, each a Debian root booted
# by systemd-nspawn, in one network namespace of their own with a bridge.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$top/build/roots
tag=lp$((RANDOM % 9000 + 1000))  # several checkouts test at once
controller_ip=10.78.0.1
device_ip=10.78.0.2
second_ip=10.78.0.3
machines="controller device second"
client_ip=10.78.0.9

say() { printf '%6.1f s  %s\n' "$(awk "BEGIN {print $EPOCHREALTIME - $started}")" "$*"; }
fail() {
  printf 'packaging: %s\n' "$*" >&2
  exit 1
}
started=$EPOCHREALTIME
background=()
groups=$(ls -d /sys/fs/cgroup/systemd /sys/fs/cgroup/unified 2>/dev/null || echo /sys/fs/cgroup)

# until_true SECONDS WHAT COMMAND...
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || fail "$what did not happen in time"
    sleep 0.2
  done
}

make_base() { # once; kept until the list of packages changes
  local list=$here/packages
  [ "$work/base.tar" -nt "$list" ] && return 0
  mkdir -p "$work"
  nice mmdebstrap --mode=root --variant=minbase --include="$(grep -v '^#' "$list" | paste -sd,)" bookworm \
    "$work/base.new.tar" >"$work/mmdebstrap.log" 2>&1 || fail "the root could not be made, see $work/mmdebstrap.log"
  mv "$work/base.new.tar" "$work/base.tar"
}

# What a machine's systemd started as its first process; the leader's pid is that of its PID 1.
leader() { cat "$work/$tag-$1.leader"; }

# in_machine NAME COMMAND...: as its root.
in_machine() {
  local name=$1
  shift
  nsenter --target "$(leader "$name")" --mount --uts --ipc --net --pid --root --wd -- "$@"
}

booted() { # a unit that failed shows up later: no_failed_unit
  local state
  state=$(in_machine "$1" systemctl is-system-running 2>/dev/null || true)
  [[ $state == running || $state == degraded ]]
}

find_leader() { # the machine's systemd, below nspawn; what prepares the machine comes and goes before it
  local child
  for child in $(pgrep -P "$(cat "$work/$tag-$1.pid")"); do
    [ "$(cat "/proc/$child/comm" 2>/dev/null)" = systemd ] || continue
    echo "$child" >"$work/$tag-$1.leader"
    return 0
  done
  return 1
}

# boot NAME: the root $work/$tag-NAME, with eth0 in the bridge. Each in a control group of its
# own: nspawn takes over the one it runs in.
boot() {
  local name=$1 group
  for group in $groups; do mkdir -p "$group/$tag-$name"; done
  # bpffs: systemd mounts none in a container, and a device of iron has one.
  mkdir -p "$work/$tag-$name.bpf"
  mountpoint -q "$work/$tag-$name.bpf" || mount -t bpf bpf "$work/$tag-$name.bpf"
  (
    for group in $groups; do echo $BASHPID >"$group/$tag-$name/cgroup.procs"; done
    exec setsid nice systemd-nspawn --quiet --directory="$work/$tag-$name" --machine="$tag-$name" --boot --register=no \
      --keep-unit --console=pipe --capability=CAP_NET_ADMIN,CAP_NET_RAW,CAP_BPF \
      --system-call-filter=bpf --bind="$work/$tag-$name.bpf:/sys/fs/bpf" \
      --network-namespace-path="/run/netns/$tag-$name" </dev/null >"$work/$tag-$name.console" 2>&1
  ) &
  echo $! >"$work/$tag-$name.pid"
  until_true 180 "the start of $name" find_leader "$name"
  until_true 180 "booting $name" booted "$name"
}

power_off() { # NAME
  local pid
  pid=$(cat "$work/$tag-$1.pid")
  in_machine "$1" systemctl --no-block poweroff || true
  until_true 180 "powering $1 off" test ! -d "/proc/$pid"
}

make_network() {
  ip netns add "$tag-net"
  ip -n "$tag-net" link add br0 type bridge forward_delay 0
  ip -n "$tag-net" link set br0 up
  plug controller $controller_ip
  plug device $device_ip
  plug second $second_ip
  plug client $client_ip
}

plug() { # NAME ADDRESS
  ip netns add "$tag-$1"
  ip -n "$tag-$1" link set lo up
  ip -n "$tag-net" link add "$1" type veth peer name eth0 netns "$tag-$1"
  ip -n "$tag-net" link set "$1" master br0 up
  ip -n "$tag-$1" link set eth0 up
  ip -n "$tag-$1" address add "$2/16" dev eth0
}

client() { nsenter --net="/run/netns/$tag-client" -- "$@"; }

clean_up() {
  set +e
  local name pid
  for name in $machines; do
    pid=$(cat "$work/$tag-$name.leader" 2>/dev/null) && kill -9 "$pid" 2>/dev/null
  done
  for name in "${background[@]:-}"; do [ -z "$name" ] || kill -9 "$name" 2>/dev/null; done
  wait 2>/dev/null
  for name in $machines client net; do ip netns delete "$tag-$name" 2>/dev/null; done
  for name in $groups; do find "$name/$tag-"* -depth -type d -exec rmdir {} + 2>/dev/null; done
  for name in $machines; do umount "$work/$tag-$name.bpf" 2>/dev/null; done
  if [ -z "${LIBRA_KEEP_ROOTS:-}" ]; then rm -rf --one-file-system "$work/$tag-"*; fi
}
