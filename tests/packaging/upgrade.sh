# Upgrades under load: nobody who asks notices. Sourced, after common.sh; with libra(), vip, lb and token of run.

# ask NAME COMMAND...: COMMAND again and again, from the client's side, until stop_asking NAME.
ask() {
  local name=$1
  shift
  rm -f "$work/$tag-$name".{asked,over}
  while [ ! -e "$work/$tag-$name.over" ]; do
    if "$@" >"$work/$tag-$name.said" 2>&1; then echo answered; else echo "failed: $(cat "$work/$tag-$name.said")"; fi
  done >"$work/$tag-$name.asked" &
  asking=$!
  background+=("$asking")
}

answered() { [ "$(grep -c '^answered' "$work/$tag-$1.asked")" -ge "$2" ]; }

stop_asking() { # NAME
  touch "$work/$tag-$1.over"
  wait "$asking"
  local failed
  failed=$(grep -v '^answered' "$work/$tag-$1.asked" || true)
  [ -z "$failed" ] || fail "$1 requests failed: $(head -5 <<<"$failed")"
  say "$(wc -l <"$work/$tag-$1.asked") $1 requests, all answered"
}

api() { # PATH CURL OPTION...: the status alone
  client curl -sS --cacert "$work/$tag-ca.crt" -H @"$work/$tag-token" --max-time 60 -o /dev/null -w '%{http_code}\n' \
    "${@:2}" "https://$controller_ip:8443/v1.1$1"
}

# A read and a write, each on a connection of its own. A change may meet one that is not applied yet (422).
api_answers() {
  local status
  status=$(api "/loadbalancers/$lb") && [ "$status" = 200 ] || { echo "read: $status"; return 1; }
  status=$(api "/loadbalancers/$lb" -X PUT -d "{\"name\": \"demo$RANDOM\"}") && [[ $status == 20[02] || $status == 422 ]] ||
    { echo "write: $status"; return 1; }
}

tenant_answers() { client curl -sS --max-time 20 "http://$vip/" | grep hello; }

property() { in_machine "$1" systemctl show --value -p "$3" "$2"; } # MACHINE UNIT PROPERTY
steps() { in_machine controller mariadb -N -e 'SELECT MAX(version) FROM schema_versions' libra; }

# upgrade MACHINE UNIT KEPT PACKAGE...: to the next version's; UNIT runs anew, KEPT goes on.
upgrade() {
  local machine=$1 unit=$2 kept=$3 pid since
  pid=$(property "$machine" "$unit" MainPID) since=$(property "$machine" "$kept" ActiveEnterTimestampMonotonic)
  rm "$work/$tag-$machine/root"/*.deb
  cp "$next"/*.deb "$work/$tag-$machine/root/"
  install_debs "$machine" "${@:4}"
  until_true 180 "the new $unit" in_machine "$machine" systemctl is-active "$unit"
  [ "$(property "$machine" "$unit" MainPID)" != "$pid" ] || fail "$unit was not started anew"
  [ "$(property "$machine" "$kept" ActiveEnterTimestampMonotonic)" = "$since" ] || fail "the upgrade restarts $kept"
}

check_upgrade() {
  local before
  in_machine controller cat /etc/libra/controller/ca.crt >"$work/$tag-ca.crt"
  echo "X-Auth-Token: $token" >"$work/$tag-token"
  before=$(steps)
  ask API api_answers
  until_true 180 "answers of the API" answered API 10
  upgrade controller libra-controller.service libra-controller.socket libra-controller libra-cli libra-jobserver
  for _ in 1 2 3; do in_machine controller systemctl restart libra-controller; done # no start limit, no loss
  until_true 180 "answers of the new API" answered API $(($(wc -l <"$work/$tag-API.asked") + 10))
  stop_asking API
  [ "$(steps)" = $((before + 1)) ] || fail "the schema step was not taken"

  ask tenant tenant_answers
  until_true 180 "answers through $vip" answered tenant 10
  upgrade device libra-sidecar.service libra-haproxy.service libra-sidecar libnginx-mod-libra
  until_true 180 "watching the upgraded device" watched
  until_true 180 "more answers through $vip" answered tenant $(($(wc -l <"$work/$tag-tenant.asked") + 10))
  stop_asking tenant
  rm "$work/$tag-token"
}
