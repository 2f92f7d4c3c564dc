# ./dev bench: sourced by ./dev.

run_bench() {
  setup || return 1
  local project projects=(bench/Fleethold.Bench)
  case " $* " in
    *" fuzz "*) projects+=(tests/Fuzz) ;;
    *" crash "*) projects+=(tests/Scenarios) ;;
    *" tunnel "*) projects+=(tests/Interop) ;;
    "  " | " --quick ") projects+=(tests/Fuzz tests/Scenarios tests/Interop) ;;
  esac
  publish || return 1
  for project in "${projects[@]}"; do build_project "$project" || return 1; done
  exec "bench/Fleethold.Bench/bin/$configuration/net10.0/Fleethold.Bench" "$@"
}
