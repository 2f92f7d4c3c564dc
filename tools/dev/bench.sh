# ./dev bench: sourced by ./dev.

run_bench() {
  setup || return 1
  local log=artifacts/build.log project projects=(bench/Fleethold.Bench)
  case " $* " in *" fuzz "*) projects+=(tests/Fuzz) ;; *" crash "*) projects+=(tests/Scenarios) ;; esac
  if [[ $# == 0 || $* == --quick ]]; then projects+=(tests/Fuzz tests/Scenarios); fi
  publish || return 1
  for project in "${projects[@]}"; do
    if ! dotnet build "$project" -c "$configuration" -v quiet -clp:NoSummary >"$log" 2>&1 </dev/null; then
      grep -E ' error ' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
      say "$project does not build; the whole output is in $log"
      return 1
    fi
  done
  exec "bench/Fleethold.Bench/bin/$configuration/net10.0/Fleethold.Bench" "$@"
}
