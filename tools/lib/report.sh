# Steps with a log, a progress bar and a clear end; sourced by tools/quickstart and tools/test.
#
#   run_step NAME "what it does" COMMAND...    output goes to build/logs/NAME.log
#
# A step runs in a process group of its own, which goes down with this script however that ends.
# shellcheck shell=bash

HALCYON_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
LOGS="$HALCYON_ROOT/build/logs"
STEP_GROUP=""
STEP_SECONDS=0
STEP_STARTED=0
NINJA_STATUS="[%f/%t] "
export NINJA_STATUS

if [[ -t 1 && "${TERM:-dumb}" != dumb && "${CI:-}" != true ]]; then
    TERMINAL=1
    BOLD=$'\e[1m' GREEN=$'\e[32m' RED=$'\e[31m' PLAIN=$'\e[0m' CLEAR=$'\r\e[K'
else
    TERMINAL="" BOLD="" GREEN="" RED="" PLAIN="" CLEAR=""
fi
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }
headline() { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }
die() {
    printf '%s%s%s\n' "$RED" "$*" "$PLAIN" >&2
    exit 1
}

# 75 -> 1:15
clock_text() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

stop_step() {
    [[ -n "$STEP_GROUP" ]] || return 0
    kill -TERM -- "-$STEP_GROUP" 2>/dev/null
    local i
    for ((i = 0; i < 50; i++)); do
        kill -0 -- "-$STEP_GROUP" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$STEP_GROUP" 2>/dev/null
    STEP_GROUP=""
    return 0
}
trap stop_step EXIT
trap 'printf "%s\n" "${CLEAR}stopped"; exit 130' INT
trap 'exit 143' TERM HUP

# A bar from the last "[done/total]" of a log, as ninja writes it; else only the time that went by.
progress_line() {
    local log=$1 title=$2 elapsed=$3 counts
    counts=$(tail -c 400 "$log" 2>/dev/null | grep -aoE '^\[[0-9]+/[0-9]+\]' | tail -1 | tr -d '[]')
    if [[ -n "$counts" ]]; then
        local done_=${counts%/*} total=${counts#*/}
        if ((done_ > 0 && total > 0 && done_ <= total)); then
            local filled=$((done_ * 24 / total)) bar
            bar=$(printf '%*s' "$filled" '' | tr ' ' '#')$(printf '%*s' $((24 - filled)) '' | tr ' ' '.')
            printf '%s  [%s] %d of %d, %d/min, about %s left' "$title" "$bar" "$done_" "$total" \
                $((done_ * 60 / (elapsed + 1))) "$(clock_text $(((total - done_) * elapsed / done_)))"
            return
        fi
    fi
    printf '%s  %s' "$title" "$(clock_text "$elapsed")"
}

watch_step() {
    local pid=$1 log=$2 title=$3 told=0 elapsed
    while kill -0 "$pid" 2>/dev/null; do
        elapsed=$((SECONDS - STEP_STARTED))
        if [[ -n "$TERMINAL" ]]; then
            printf '%s%.*s' "$CLEAR" "$(($(tput cols 2>/dev/null || echo 100) - 1))" "$(progress_line "$log" "$title" "$elapsed")"
        elif ((elapsed >= told + 60)); then
            told=$elapsed
            printf '    %s\n' "$(progress_line "$log" "$title" "$elapsed")"
        fi
        sleep 0.2
    done
}

# The command's exit code; STEP_SECONDS is what it took. A failure shows the end of its log.
run_step() {
    local name=$1 title=$2 code=0
    shift 2
    local log="$LOGS/$name.log"
    mkdir -p "$LOGS"
    printf '$ %s\n' "$*" >"$log"
    STEP_STARTED=$SECONDS
    set -m
    "$@" >>"$log" 2>&1 </dev/null &
    STEP_GROUP=$!
    set +m
    watch_step "$STEP_GROUP" "$log" "$title"
    wait "$STEP_GROUP" || code=$?
    # What the step left behind, if anything, is not left to the machine.
    stop_step
    STEP_SECONDS=$((SECONDS - STEP_STARTED))
    if ((code == 0)); then
        printf '%s%s  %sok%s  %s\n' "$CLEAR" "$title" "$GREEN" "$PLAIN" "$(clock_text "$STEP_SECONDS")"
    else
        printf '%s%s  %sFAILED%s  %s (exit %d)\n' "$CLEAR" "$title" "$RED" "$PLAIN" "$(clock_text "$STEP_SECONDS")" "$code"
        printf '    the last lines of %s:\n' "${log#"$HALCYON_ROOT"/}"
        tail -n 40 "$log" | sed 's/^/    | /'
    fi
    return "$code"
}
