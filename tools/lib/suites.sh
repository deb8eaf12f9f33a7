# The steps of tools/test: what each needs, does and counts. Sourced after report.sh and setup.sh.
# shellcheck shell=bash

declare -A TITLES=(
    [packages]="what Debian provides"
    [python]="Python of the tests, in build/venv"
    [build]="release build: halcyon, development servers, tests, benches"
    [unit]="unit tests"
    [contract]="contracts of adapters, against doubles and development servers"
    [simulation]="seeded histories of the pipeline with faults, crashes, power losses"
    [mutations]="deliberate faults in the pipeline, each of which the simulation must find"
    [integration]="development servers against recordings; the program end to end; interface, dashboard"
    [crash]="the real program killed at named points, then both sides compared"
    [quickstart]="the whole way from MongoDB to Qdrant, kill -9 included"
    [asan-build]="build with address and undefined behaviour sanitizers"
    [asan]="unit, contract and simulation with these sanitizers"
    [fuzz]="foreign bytes: seeds, and new ones for a few seconds a parser"
    [tsan-build]="build of what has threads with the thread sanitizer"
    [tsan]="tests of what has threads with it"
    [format]="clang-format"
    [house]="the rules of the house"
    [python-style]="ruff"
    [shell]="shellcheck"
    [config-style]="yamllint"
    [monitoring]="Prometheus' own checks of our rules"
    [tidy]="clang-tidy over a few files and those that changed"
    [dev-build]="debug build: halcyon, unit tests, simulation"
    [dev-unit]="unit tests (debug build)"
    [dev-simulation]="a short simulation (debug build)"
)
declare -A NEEDS=(
    [build]="packages python" [unit]="build" [contract]="build" [simulation]="build" [mutations]="simulation" [integration]="build" [crash]="build" [quickstart]="build"
    [asan-build]="build" [asan]="asan-build" [fuzz]="asan-build" [tsan-build]="build" [tsan]="tsan-build"
    [format]="packages" [house]="packages" [python-style]="python" [shell]="packages" [config-style]="python" [monitoring]="packages" [tidy]="build"
    [dev-build]="packages python" [dev-unit]="dev-build" [dev-simulation]="dev-build" [python]="packages"
)
TSAN_TESTS=(unit/async unit/state contract/state contract/net contract/mongo contract/embed)

PASSED=0 FAILED=0 SKIPPED=0
ROWS=()
declare -A RESULT=()

# The steps named in $1 behind all they need, each once.
with_needs() {
    local -A seen=()
    add_with_needs() {
        local step=$1 need
        [[ -n "${TITLES[$step]:-}" ]] || return 1
        for need in ${NEEDS[$step]:-}; do add_with_needs "$need" || return 1; done
        [[ -n "${seen[$step]:-}" ]] || echo "$step"
        seen[$step]=1
    }
    local name
    for name in $1; do
        add_with_needs "$name" || { echo "no such step: $name (tools/test --list shows them)" >&2 && return 1; }
    done
}

# ctest_suite PRESET REGEX: its JUnit file is what is counted.
ctest_suite() {
    local code=0
    ctest --test-dir "build/$1" -R "$2" -j "$(nproc)" --no-tests=error --output-on-failure --output-junit "$LOGS/$STEP.xml" || code=$?
    cp "build/$1/Testing/Temporary/LastTest.log" "$LOGS/$STEP-all.log"
    return $code
}

# script_suite COMMAND..: one test program; its own last line says how many cases.
python_suite() {
    local name=$1 code=0
    shift
    echo "=== $name"
    timeout 900 "$(python_path)" -B "$@" || code=$?
    echo "suite $name $code"
    return $code
}

integration_suites() {
    local devstack=build/release/tools/devstack/halcyon-devstack halcyon=build/release/src/app/halcyon failed=0
    python_suite devstack_mongo tests/integration/devstack_mongo/recorded_test.py --devstack "$devstack" || failed=1
    python_suite devstack_qdrant tests/integration/devstack_qdrant/recorded_test.py --devstack "$devstack" || failed=1
    python_suite engine tests/integration/engine/engine_test.py || failed=1
    python_suite end_to_end tests/integration/end_to_end/e2e_test.py --halcyon "$halcyon" --devstack "$devstack" || failed=1
    python_suite dashboard tests/integration/dashboard/dashboard_test.py --halcyon "$halcyon" --devstack "$devstack" || failed=1
    python_suite operate tests/integration/operate/schemathesis_test.py --halcyon "$halcyon" --devstack "$devstack" || failed=1
    promtool --version || failed=1
    python_suite observe tests/integration/operate/observe_test.py --halcyon "$halcyon" --devstack "$devstack" \
        --promtool build/promtool/usr/bin/promtool || failed=1
    return $failed
}

# histories PRESET COUNT: on all cores.
histories() { tools/simulate --preset "$1" --from "${HALCYON_SIM_FROM:-1}" --seeds "$2"; }

monitoring_check() {
    promtool check rules conf/prometheus/alerts.yaml && promtool test rules conf/prometheus/alerts_test.yaml
}

crash_suite() {
    rm -rf "$LOGS/crash"
    python_suite crash tests/crash/crash_test.py --halcyon build/release/src/app/halcyon \
        --devstack build/release/tools/devstack/halcyon-devstack --kept "$LOGS/crash" \
        ${HALCYON_CRASH_ROUNDS:+--rounds "$HALCYON_CRASH_ROUNDS"}
}

cxx_files() { find src tests tools bench -name '*.cpp' -o -name '*.hpp' | sort; }
shell_files() { ls tools/quickstart tools/test tools/bench tools/fuzz .ci/run tools/lib/*.sh; }
format_check() { cxx_files | xargs -P "$(nproc)" -n 40 clang-format-19 --dry-run -Werror; }

# Pure decisions always, and what differs from the last commit of the main branch.
tidy_files() {
    if [[ "${HALCYON_TIDY_FILES:-}" == all ]]; then
        find src -name '*.cpp' | sort
    elif [[ -n "${HALCYON_TIDY_FILES:-}" ]]; then
        tr ' ' '\n' <<<"$HALCYON_TIDY_FILES"
    else
        {
            ls src/rules/*.cpp src/pipeline/decide/*.cpp
            git diff --name-only --diff-filter=d origin/main... -- 'src/*.cpp' 2>/dev/null | head -n 10
        } | sort -u
    fi
}
tidy_check() { tidy_files | xargs -P "$(nproc)" -n 1 clang-tidy-19 --quiet -p build/release; }

command_of() {
    local seeds=${HALCYON_SIM_SEEDS:-}
    case $1 in
        build) build_targets release all ;;
        unit) ctest_suite release '^unit/' ;;
        contract) ctest_suite release '^contract/' ;;
        simulation) HALCYON_SIM_SEEDS=1 ctest_suite release '^simulation/' && histories release "${seeds:-2000}" ;;
        mutations) tools/simulate --mutations ;;
        integration) integration_suites ;;
        crash) crash_suite ;;
        quickstart) tools/quickstart --documents 3000 ;;
        asan-build) build_targets asan tests/unit/all tests/contract/all tests/simulation/all tests/fuzz/all ;;
        asan) HALCYON_SIM_SEEDS=1 ctest_suite asan '^(unit|contract|simulation)/' && histories asan "${seeds:-100}" ;;
        fuzz) tools/fuzz --seconds "${HALCYON_FUZZ_SECONDS:-8}" ;;
        tsan-build) build_targets tsan "${TSAN_TESTS[@]//\//_}" ;;
        tsan) ctest_suite tsan "^($(IFS='|' && echo "${TSAN_TESTS[*]}"))\$" ;;
        format) format_check ;;
        house) python3 -B tests/unit/house/house_test.py . ;;
        python-style) "$(python_path)" -m ruff check --no-cache tests tools tools/simulate bench ;;
        shell) shell_files | xargs shellcheck -x -P tools/lib ;;
        config-style) "$(python_path)" -m yamllint -d '{extends: relaxed, rules: {line-length: {max: 140}}}' conf compose.yaml .github ;;
        monitoring) monitoring_check ;;
        tidy) tidy_check ;;
        dev-build) build_targets dev tests/unit/all tests/simulation/all src/app/all ;;
        dev-unit) ctest_suite dev '^unit/' ;;
        dev-simulation) HALCYON_SIM_SEEDS=${seeds:-100} ctest_suite dev '^simulation/' ;;
    esac
}

# Adds what a step's files say to the totals; a step without test programs counts as one.
count_results() {
    local step=$1 code=$2 passed=0 failed=0 skipped=0
    if [[ -e "$LOGS/$step.xml" ]]; then
        read -r passed failed skipped < <(python3 tools/lib/junit.py "$LOGS/$step.xml")
    elif grep -q '^suite ' "$LOGS/$step.log" 2>/dev/null; then
        passed=$(grep -c '^suite .* 0$' "$LOGS/$step.log")
        failed=$(grep -c '^suite .* [1-9][0-9]*$' "$LOGS/$step.log")
    elif ((code == 0)); then
        passed=1
    fi
    ((code != 0 && failed == 0)) && failed=1
    PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
    COUNTS="$passed passed, $failed failed$( ((skipped)) && echo ", $skipped skipped")"
}

run_suite() {
    local step=$1 need code=0
    STEP=$step COUNTS=""
    for need in ${NEEDS[$step]:-}; do
        if [[ "${RESULT[$need]:-ok}" != ok ]]; then
            RESULT[$step]="not run"
            FAILED=$((FAILED + 1))
            ROWS+=("$step|-|not run, since $need failed")
            say "$step  ${RED}not run${PLAIN}, since $need failed"
            return
        fi
    done
    rm -f "$LOGS/$step.xml" "$LOGS/$step.log" "$LOGS/$step-all.log"
    case $step in
        packages) install_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" || code=$? ;;
        python) install_python tests/requirements.txt || code=$? ;;
        *) run_step "$step" "$step  ${TITLES[$step]}" command_of "$step" || code=$? ;;
    esac
    RESULT[$step]=$( ((code == 0)) && echo ok || echo failed)
    count_results "$step" "$code"
    ROWS+=("$step|$(clock_text "$STEP_SECONDS")|$COUNTS")
    ((code == 0)) || say "    run only this step again: tools/test --only $step"
    tell_skipped "$step"
}

# A test that could not meet its server must be seen.
tell_skipped() {
    if [[ $1 == contract ]]; then
        local name
        for name in HALCYON_TEST_MONGODB_URI HALCYON_TEST_QDRANT_URL; do
            [[ -n "${!name:-}" ]] && continue
            SKIPPED=$((SKIPPED + 1))
            say "    SKIPPED: the contracts against a real server, since $name is not set"
        done
    fi
    cat "$LOGS/$1.log" "$LOGS/$1-all.log" 2>/dev/null | grep -ahoE 'SKIPPED:? .*' | sort | uniq -c | sed -E 's/^ *([0-9]+) /    \1 x /'
}

summary() {
    local row step time counts
    headline "$(printf '%-16s %7s  %s' step time result)"
    for row in "${ROWS[@]}"; do
        IFS='|' read -r step time counts <<<"$row"
        printf '%-16s %7s  %s\n' "$step" "$time" "$counts"
    done
    printf '%-16s %7s\n\n' all "$(clock_text "$SECONDS")"
    if ((FAILED)); then
        say "Logs: build/logs/STEP.log. To go on after a repair: tools/test --only STEP, then tools/test."
    fi
    printf '%d passed, %d failed%s\n' "$PASSED" "$FAILED" "$( ((SKIPPED)) && echo ", $SKIPPED skipped")"
    ((FAILED == 0 && PASSED > 0))
}
