# ./dev test: sourced by ./dev.

passed=0 failed=0 skipped=0

# The last line of every run.
finish() {
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  ((failed == 0))
}

# A failure outside the tests: counted like one, so that the last line and the exit code agree.
fail() {
  say "FAILED: $*"
  failed=$((failed + 1))
}

# The options that select what the filter asks for.
selection() {
  case $1 in
    '') ;;
    Vectors | Access | MachineConfig | Browser) printf '%s\n' -trait "Category=$1" ;;
    *) printf '%s\n' -method "*$1*" ;;
  esac
}

# Runs one test executable and adds to the counts.
run_suite() {
  local name=$1 program=$2 log=artifacts/tests/$1.log status=0 summary start=$SECONDS
  shift 2
  set +e
  timeout --kill-after=30 "${FLEETHOLD_TEST_LIMIT:-1500}" "$program" -noColor -noLogo -noAutoReporters "$@" </dev/null 2>&1 |
    tee "$log" | grep --line-buffered -vE '^  (Discovering|Discovered|Starting|Finished): |^=== TEST EXEC|^   [^ ]+ +Total: '
  status=${PIPESTATUS[0]}
  set -e
  summary=$(grep -E '^   [^ ]+ +Total: [0-9]+' "$log" | tail -n 1 || true)
  if [[ -z $summary ]]; then
    if ((status == 124 || status == 137)); then
      fail "$name did not end within ${FLEETHOLD_TEST_LIMIT:-1500} s; what it said is in $log"
    else
      fail "$name ended with exit code $status and no summary; what it said is in $log"
    fi
    return
  fi

  local total=0 errors=0 bad=0 omitted=0
  [[ $summary =~ Total:\ ([0-9]+) ]] && total=${BASH_REMATCH[1]}
  [[ $summary =~ Errors:\ ([0-9]+) ]] && errors=${BASH_REMATCH[1]}
  [[ $summary =~ Failed:\ ([0-9]+) ]] && bad=${BASH_REMATCH[1]}
  [[ $summary =~ Skipped:\ ([0-9]+) ]] && omitted=${BASH_REMATCH[1]}
  # "Not Run" tests are those that ask to be started by hand; the total has them.
  local idle=0
  [[ $summary =~ Not\ Run:\ ([0-9]+) ]] && idle=${BASH_REMATCH[1]}
  local good=$((total - bad - omitted - idle))
  if ((total > 0)); then
    printf '%-36s %5d passed, %d failed, %d skipped (%d s)\n' "$name" "$good" "$((bad + errors))" "$omitted" "$((SECONDS - start))"
  fi
  passed=$((passed + good)) failed=$((failed + bad + errors)) skipped=$((skipped + omitted))
  if ((status != 0 && bad + errors == 0)); then fail "$name ended with exit code $status although no test failed; what it said is in $log"; fi
}

run_tests() {
  local filter=${1:-} project name program options=()
  if (($# > 1)); then
    say "usage: ./dev test [filter]"
    return 2
  fi
  if ! setup; then
    if [[ $ci == 1 ]]; then fail "setup"; else say "tests that need these are skipped"; fi
  fi
  if ! need_dotnet; then
    fail "no .NET SDK"
    finish
    return
  fi
  say "building"
  if ! build; then
    fail "build"
    finish
    return
  fi
  mapfile -t options < <(selection "$filter")
  if [[ $ci == 1 ]]; then options+=(-failSkips); fi
  rm -rf artifacts/tests
  mkdir -p artifacts/tests
  for project in tests/*/*.csproj; do
    name=$(basename "$project" .csproj)
    if [[ $name == Fleethold.Testing ]]; then continue; fi
    program=$(dirname "$project")/bin/$configuration/net10.0/$name
    if [[ -x $program ]]; then
      run_suite "$name" "$program" ${options[@]+"${options[@]}"}
    elif ! grep -q "$project" Fleethold.slnx; then
      fail "$project is not in Fleethold.slnx, so its tests don't run"
    else
      fail "$project built no executable $program"
    fi
  done
  if [[ -n $filter ]] && ((passed + failed + skipped == 0)); then fail "no test matches '$filter'"; fi
  if [[ $ci == 1 && -z $filter ]]; then
    say "checking the format"
    if ! timeout 600 dotnet format Fleethold.slnx --verify-no-changes --no-restore </dev/null >artifacts/format.log 2>&1; then
      head -n 20 artifacts/format.log >&2
      fail "the format: run ./dev fmt"
    fi
    say "running the demo"
    if ! timeout 300 ./dev demo --once </dev/null >artifacts/demo.log 2>&1; then
      tail -n 30 artifacts/demo.log >&2
      fail "the demo: ./dev demo --once"
    fi
  fi
  finish
}
