# What the machine must have: Debian's packages, a Python environment, a configured build. Sourced after report.sh.
# shellcheck shell=bash disable=SC2034

BUILD_PACKAGES=(
    clang-19 lld-19 cmake ninja-build ccache pkg-config git ca-certificates
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libmongoc-dev libsimdjson-dev
    librocksdb-dev libspdlog-dev libfmt-dev libyaml-cpp-dev libcli11-dev libxxhash-dev libjemalloc-dev libjs-chart.js
    prometheus-cpp-dev catch2 libbenchmark-dev python3 python3-venv
)
# MongoDB's driver counts in a file of /dev/shm, which a process that is killed would leave there.
export MONGOC_DISABLE_SHM=1

TEST_PACKAGES=(llvm-19 libclang-rt-19-dev clang-tidy-19 clang-format-19 shellcheck chromium fish tmux zsh)

# Those of the arguments that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || printf '%s ' "$package"
    done
}

AS_ROOT=()
become_root() {
    ((EUID == 0)) && return 0
    command -v sudo >/dev/null || die "these packages are missing and neither root nor sudo is here: $*
run this as root once: apt-get update && apt-get install --no-install-recommends $*"
    # Asked here, since a step has no terminal to ask on.
    if [[ -t 0 ]]; then sudo -v; else sudo -n true; fi || die "sudo was refused; as root: apt-get install --no-install-recommends $*"
    AS_ROOT=(sudo -n)
}

apt_install() {
    local apt=("${AS_ROOT[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
    "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"
}

# Exit code 0 when everything in the arguments is installed.
install_packages() {
    local missing
    read -ra missing <<<"$(missing_packages "$@")"
    if ((${#missing[@]} == 0)); then
        say "packages  all $# are installed"
        STEP_SECONDS=0
        return 0
    fi
    command -v apt-get >/dev/null || die "this needs Debian 12 or a system with its packages: ${missing[*]}"
    become_root "${missing[@]}"
    run_step packages "packages  installing ${#missing[@]} from Debian" apt_install "${missing[@]}"
}

# install_python REQUIREMENTS: build/venv has what the file pins; nothing is done when it had it already.
python_environment() {
    local venv="$HALCYON_ROOT/build/venv" mark
    mark="$venv/.$(basename "$(dirname "$1")")-$(sha256sum "$1" | cut -c1-16)"
    [[ -e "$mark" && -x "$venv/bin/python" ]] && return 0
    "$venv/bin/python" -c '' 2>/dev/null || { rm -rf "$venv" && python3 -m venv "$venv"; } || return
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --retries 5 -r "$1" && touch "$mark"
}
install_python() {
    run_step "python-$(basename "$(dirname "$1")")" "python  build/venv" python_environment "$1"
}

# Prometheus' own checker out of Debian's package, which would start a server if it were installed.
promtool() {
    local folder="$HALCYON_ROOT/build/promtool" archive
    if [[ ! -x "$folder/usr/bin/promtool" ]]; then
        rm -rf "$folder" && mkdir -p "$folder" || return
        (cd "$folder" && apt-get download -q prometheus) >&2 || return
        archive=("$folder"/prometheus_*.deb)
        dpkg-deb --fsys-tarfile "${archive[0]}" | tar -x -C "$folder" ./usr/bin/promtool || return
        rm "${archive[0]}"
    fi
    "$folder/usr/bin/promtool" "$@"
}

# configure PRESET [-D..]: CMake, again only when something about it changed.
configure() {
    local preset=$1
    shift
    (cd "$HALCYON_ROOT" && cmake --preset "$preset" "$@")
}
# build_targets PRESET TARGET..
build_targets() {
    local preset=$1
    shift
    configure "$preset" "-DPython3_EXECUTABLE=$(python_path)" "-DHALCYON_DEVSTACK=$HALCYON_ROOT/build/release/tools/devstack/halcyon-devstack" &&
        nice ninja -C "$HALCYON_ROOT/build/$preset" ${HALCYON_JOBS:+-j "$HALCYON_JOBS"} "$@"
}
python_path() {
    if [[ -x "$HALCYON_ROOT/build/venv/bin/python" ]]; then
        echo "$HALCYON_ROOT/build/venv/bin/python"
    else
        command -v python3
    fi
}
