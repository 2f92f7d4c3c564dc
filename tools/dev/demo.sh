# ./dev demo: sourced by ./dev.

source tools/dev/namespaces.sh

demo_port=8443
demo_folder=artifacts/demo
demo_machines=50
server_id='' watch_id='' fleet_id='' has_namespaces=0

tell() { printf '\n== %s\n' "$*"; }

# Shows a command of fhctl as a person would type it, and runs it.
fhctl() {
  printf '$ fhctl %s\n' "$*"
  "$fhctl_program" "$@" | sed 's/^/  /'
}

# Why the demo failed, with the server's last words.
demo_failed() {
  say "the demo failed: $*"
  if [[ -s $demo_folder/server.log ]]; then
    say "the last lines of $demo_folder/server.log:"
    tail -n 15 "$demo_folder/server.log" >&2
  fi
  exit 1
}

# Ends what the demo started, and nothing else.
demo_cleanup() {
  local id
  trap - INT TERM EXIT
  for id in "$watch_id" "$fleet_id" "$server_id"; do
    if [[ -n $id ]] && kill "$id" 2>/dev/null; then wait "$id" 2>/dev/null || true; fi
  done
  if ((has_namespaces)); then namespaces_down; fi
}

# Until a command succeeds, for so many seconds. The server must be alive meanwhile.
demo_wait() {
  local limit=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= limit)); then return 1; fi
    if [[ -n $server_id ]] && ! kill -0 "$server_id" 2>/dev/null; then return 1; fi
    sleep 0.1
  done
}

demo_serve() {
  local arguments=(serve --defaults fleethold --data-dir "$demo_folder/data" --bind-addr "127.0.0.1:$demo_port" --metrics-bind-addr 127.0.0.1:2122)
  if ((has_namespaces)); then
    in_server_namespace "$server_program" "${arguments[@]}" --machine-api-bind-addr "$server_address:8090" \
      --machine-api-advertised-url "grpc://$server_address:8090" --siderolink-wireguard-advertised-addr "$server_address:51820" \
      >>"$demo_folder/server.log" 2>&1 </dev/null &
  else
    "$server_program" "${arguments[@]}" --tunnel=false >>"$demo_folder/server.log" 2>&1 </dev/null &
  fi
  server_id=$!
  demo_wait 60 "$fhctl_program" get sysversions current || demo_failed "the server does not answer"
}

# Machines join, when there may be network namespaces.
demo_join() {
  tell "$demo_machines simulated machines boot and join over WireGuard"
  "$fhctl_program" join-config --no-ca --kernel-args >"$demo_folder/kernel-args.txt" || demo_failed "join-config"
  "$fhctl_program" get machines --watch >"$demo_folder/machines.txt" 2>&1 </dev/null &
  watch_id=$!
  in_machine_namespace "$simulator_program" --kernel-args "$(cat "$demo_folder/kernel-args.txt")" --machines "$demo_machines" \
    >"$demo_folder/machines.log" 2>&1 </dev/null &
  fleet_id=$!
  demo_wait 120 grep -q "^$demo_machines of $demo_machines joined" "$demo_folder/machines.log" || demo_failed "the machines do not join: $(tail -n 1 "$demo_folder/machines.log")"
  demo_wait 30 demo_watched_machines || demo_failed "the watch does not show all machines"
  kill "$watch_id" && wait "$watch_id" 2>/dev/null || true
  watch_id=''
  printf '$ fhctl get machines --watch\n'
  head -n 6 "$demo_folder/machines.txt" | sed 's/^/  /'
  echo "  ... until all $demo_machines are there"
  local id
  id=$(awk '$1 == "+" { print $4; exit }' "$demo_folder/machines.txt")
  printf '$ fhctl machine-logs %s\n' "$id"
  "$fhctl_program" machine-logs "$id" | tail -n 2 | sed 's/^/  /'
}

# Whether the watch has shown every machine.
demo_watched_machines() { (($(awk '$1 == "+" { print $4 }' "$demo_folder/machines.txt" | sort -u | wc -l) >= demo_machines)); }

demo_shows() { grep -q "$1" "$demo_folder/watch.txt"; }

run_demo() {
  local once=0
  case ${1:-} in
    '') ;;
    --once) once=1 ;;
    *)
      say "usage: ./dev demo [--once]"
      return 2
      ;;
  esac
  need_dotnet
  say "building"
  publish || {
    say "the demo failed: it does not build"
    return 1
  }
  server_program=artifacts/bin/Fleethold.Server/fleethold
  fhctl_program=artifacts/bin/Fleethold.Cli/fhctl
  simulator_program=artifacts/bin/Fleethold.Simulator/fleethold-sim
  rm -rf "$demo_folder"
  mkdir -p "$demo_folder"
  export FLEETHOLD_SOCKET=$demo_folder/data/fleethold.sock
  trap demo_cleanup EXIT
  trap 'exit 130' INT TERM
  if [[ $(id -u) == 0 && -e /dev/net/tun ]] && command -v ip >/dev/null; then
    has_namespaces=1
    namespaces_up || demo_failed "network namespaces can't be made"
  else
    say "without root, /dev/net/tun and ip the demo has no machines"
  fi

  tell "A server starts with an empty store on https://127.0.0.1:$demo_port"
  demo_serve
  fhctl version || demo_failed "version"

  if ((has_namespaces)); then demo_join; fi

  tell "Somebody watches machine classes while resources are applied"
  "$fhctl_program" get machineclasses --watch >"$demo_folder/watch.txt" 2>&1 </dev/null &
  watch_id=$!
  fhctl apply -f tools/dev/demo.yaml || demo_failed "apply"
  demo_wait 30 demo_shows workers || demo_failed "the watch shows nothing"
  fhctl get configpatches || demo_failed "get"
  sed -e '/^---$/,$d' -e 's/>= 4/>= 8/' tools/dev/demo.yaml >"$demo_folder/changed.yaml"
  fhctl apply -f "$demo_folder/changed.yaml" || demo_failed "the second apply"
  demo_wait 30 demo_shows 'workers *2' || demo_failed "the watch does not show the change"
  echo 'The watch saw:'
  sed 's/^/  /' "$demo_folder/watch.txt"
  kill "$watch_id" && wait "$watch_id" 2>/dev/null || true
  watch_id=''

  tell "The server is killed without warning (SIGKILL) and started again"
  demo_state >"$demo_folder/before.yaml" || demo_failed "reading the state"
  kill -KILL "$server_id"
  wait "$server_id" 2>/dev/null || true
  server_id=''
  demo_serve
  demo_state >"$demo_folder/after.yaml" || demo_failed "reading the state"
  if ! cmp -s "$demo_folder/before.yaml" "$demo_folder/after.yaml"; then
    diff -u "$demo_folder/before.yaml" "$demo_folder/after.yaml" >&2 || true
    demo_failed "the state is not what it was"
  fi
  fhctl get machineclasses workers -o yaml
  echo "All there: every resource is what it was, byte for byte."

  if ((once)); then
    tell "The server stops"
    kill "$server_id"
    wait "$server_id" || demo_failed "the server stopped with exit code $?"
    server_id=''
    echo "Stopped in order. That is the whole story."
    return 0
  fi
  tell "The server goes on: https://127.0.0.1:$demo_port. Ctrl-C stops it"
  echo "Try: FLEETHOLD_SOCKET=$FLEETHOLD_SOCKET $fhctl_program get rd"
  wait "$server_id" || demo_failed "the server stopped by itself"
}

demo_state() {
  "$fhctl_program" get machineclasses -o yaml && "$fhctl_program" get configpatches -o yaml
}
