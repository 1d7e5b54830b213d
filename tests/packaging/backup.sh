# Backup and restore by the commands of docs/operations.md, word by word. Sourced, after common.sh.

on_the_proxy() { # as docs/operations.md looks into it
  in_machine device sh -c 'echo "show servers state" | socat - UNIX-CONNECT:/run/libra-haproxy/stats.sock' | grep -q "$1"
}

is_off_the_proxy() { on_the_proxy $client_ip && ! on_the_proxy "$1"; }

# Everything is lost, and what was backed up is older than what the device runs.
check_backup() {
  run_documented controller Backup
  libra node create "$lb" --node 10.78.0.8:8080 --wait >/dev/null || fail "a change after the backup"
  until_true 120 "the change on the proxy" on_the_proxy 10.78.0.8
  in_machine controller systemctl stop libra-controller.socket libra-controller
  in_machine controller mariadb -e 'DROP DATABASE libra; CREATE DATABASE libra'
  in_machine controller rm -r /etc/libra
  run_documented controller Restore
  serves || fail "no service after the restore"
  until_true 180 "what was restored on the proxy" is_off_the_proxy 10.78.0.8
  libra loadbalancer show "$lb" >/dev/null || fail "the load balancer is not restored"
  serves || fail "no service once the device follows"
  say "backed up and restored"
}
