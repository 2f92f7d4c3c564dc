# Two network namespaces with a wire between them: sourced by demo.sh and by people who try things. As root, with iproute2.
# One has the server, at 10.101.0.1 and fd00:101::1; the other has the machines, at 10.101.0.2 and fd00:101::2.

namespace_server="fleethold-$$-s"
namespace_machines="fleethold-$$-m"
server_address=10.101.0.1

namespaces_up() {
  if [[ $(id -u) != 0 ]]; then
    say "network namespaces need root: run it with sudo"
    return 1
  fi
  if ! command -v ip >/dev/null; then
    say "network namespaces need the program ip (Debian package iproute2)"
    return 1
  fi
  ip netns add "$namespace_server" && ip netns add "$namespace_machines" || return 1
  ip -n "$namespace_server" link add outer type veth peer name outer netns "$namespace_machines" || return 1
  local name host
  for name in "$namespace_server" "$namespace_machines"; do
    host=1
    if [[ $name == "$namespace_machines" ]]; then host=2; fi
    ip -n "$name" link set lo up
    ip -n "$name" link set outer up
    ip -n "$name" address add "10.101.0.$host/24" dev outer
    ip -n "$name" address add "fd00:101::$host/64" dev outer nodad
  done
}

# Removes what namespaces_up made; safe to call at any time.
namespaces_down() {
  local name
  for name in "$namespace_server" "$namespace_machines"; do
    ip netns delete "$name" 2>/dev/null || true
  done
}

# Run a program in the background in a namespace: the shell becomes the program, so its id is the program's.
in_server_namespace() { exec ip netns exec "$namespace_server" "$@"; }
in_machine_namespace() { exec ip netns exec "$namespace_machines" "$@"; }
