# What programs, manual pages and completion say of options agrees. Sourced, after common.sh.

options() { grep -oE -- '--[a-z][a-z-]+' | sort -u; }

# options_agree MACHINE PAGE COMMAND...: the page has every option the command knows, and no other.
options_agree() {
  local known told
  known=$(in_machine "$1" "${@:3}" --help | options)
  told=$(in_machine "$1" zcat "/usr/share/man/$2.gz" | sed 's/\\-/-/g' | options)
  [ "$known" = "$told" ] || fail "the options of $2 and of its program differ: $(diff <(echo "$known") <(echo "$told"))"
}

every_libra_help() { # --help of libra and of all its commands, found by the completion
  . /usr/share/bash-completion/completions/libra
  libra --help
  for noun in $(_libra_known libra | grep -v '^-'); do
    for verb in $(_libra_known libra "$noun" | grep -v '^-'); do libra "$noun" "$verb" --help; done
  done
}

# completed MACHINE WORD...: what bash offers instead of the last word.
completed() {
  in_machine "$1" bash -c '. "/usr/share/bash-completion/completions/$1"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _libra "$1"; echo "${COMPREPLY[*]}"' bash "${@:2}"
}

completes() { # EXPECTED MACHINE WORD...
  local offered
  offered=$(completed "${@:2}")
  [ "$offered" = "$1" ] || fail "'${*:3}' is completed to '$offered' instead of '$1'"
}

check_options() {
  options_agree controller man8/libra-controller.8 libra-controller
  options_agree controller man8/libra-controller-setup.8 libra-controller setup
  options_agree controller man8/libra-controller-invite.8 libra-controller invite
  options_agree controller man1/libra.1 bash -c "$(declare -f every_libra_help); every_libra_help" bash
  options_agree device man8/libra-sidecar.8 libra-sidecar
  options_agree device man8/libra-sidecar-enroll.8 libra-sidecar enroll
  options_agree device man8/libra-steer.8 libra-steer
  completes create controller libra loadbalancer cr
  completes "--os-bypass-url --os-token --os-cacert" controller libra --os
  completes --vip-range controller libra-controller setup --vip-r
  completes enroll device libra-sidecar en
}

check_alerts() { # each is explained to who is woken by it
  local alert
  for alert in $(sed -n 's/.*- alert: //p' "$top/packaging/common/libra-alerts.yml"); do
    grep -q "^| $alert |" "$top/docs/operations.md" || fail "docs/operations.md does not say what $alert means"
  done
}
