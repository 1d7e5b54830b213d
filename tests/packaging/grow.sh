# A second controller, made as docs/operations.md says, goes on when the first is gone. Sourced,
# after common.sh; with libra(), vip, lb and token of run.

through_the_second() { in_machine second env LIBRA_URL=https://127.0.0.1:8443/v1.1 \
  LIBRA_CACERT=/etc/libra/controller/ca.crt LIBRA_TOKEN="$token" libra "$@"; }

check_growth() {
  debs=$next unpack second
  boot second
  install_debs second libra-controller libra-cli libra-jobserver
  run_documented controller "Share the database"
  cp "$work/$tag-controller/root/common.tar" "$work/$tag-second/root/"
  run_documented second "Second controller"
  run_documented device "Devices that were there before"
  until_true 120 "being watched by the second controller" is_heard_by $second_ip
  until_true 120 "answers of the second controller" through_the_second loadbalancer show "$lb"
  serves || fail "no service after the second controller came"

  in_machine controller systemctl stop libra-controller.socket libra-controller libra-jobserver gearman-job-server
  through_the_second node create "$lb" --node 10.78.0.7:8080:condition=DISABLED --wait >/dev/null ||
    fail "the second controller alone changes nothing"
  until_true 120 "its change on the proxy" on_the_proxy 10.78.0.7
  serves || fail "no service by the second controller"
  in_machine controller systemctl start gearman-job-server libra-jobserver libra-controller.socket libra-controller
  no_failed_unit second
  say "a second controller, with its own job server, goes on alone"
}
