# ./dev bench: sourced by ./dev.

run_bench() {
  setup || return 1
  local log=artifacts/build.log
  mkdir -p artifacts
  if ! dotnet build bench/Fleethold.Bench -c "$configuration" -v quiet -clp:NoSummary >"$log" 2>&1 </dev/null; then
    grep -E ' error ' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
    say "the benchmarks do not build; the whole output is in $log"
    return 1
  fi
  exec "bench/Fleethold.Bench/bin/$configuration/net10.0/Fleethold.Bench" "$@"
}
