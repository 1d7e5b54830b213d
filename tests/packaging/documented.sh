# The commands of docs/operations.md, run word by word but for its addresses. Sourced, after common.sh.

documented() { # HEADING: the commands of its section's first block
  awk -v heading="$1" '$0 == "### " heading {found = 1} found && /^```$/ {exit} found && block {print} found && /^```sh$/ {block = 1}' \
    "$top/docs/operations.md"
}

run_documented() { # MACHINE HEADING
  local commands
  commands=$(documented "$2" | sed "s/192\.0\.2\.1\b/$controller_ip/g; s/192\.0\.2\.2\b/$second_ip/g; s/192\.0\.2\.11\b/$device_ip/g; s|198\.51\.100\.0/24|10.78.9.0/24|; s/--vip-prefix 24/--vip-prefix 16/")
  [ -n "$commands" ] || fail "docs/operations.md has no commands under $2"
  in_machine "$1" sh -euc "cd /root; $commands" || fail "$2 as the documentation says"
}
