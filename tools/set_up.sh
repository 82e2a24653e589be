#!/bin/sh
# Make .venv with exactly the locked dependencies and Counterfoil itself, editable.
# Called by make when requirements.lock or pyproject.toml is newer than .venv/ready.
set -eu

stop() {  # what is wrong, why, what to do
    printf 'set-up stopped: %s\n  because: %s\n  to do:   %s\n' "$1" "$2" "$3" >&2
    exit 1
}

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if is_recent "$name"; then
            command -v "$name"
            return
        fi
    done
}

if ! { [ -x .venv/bin/python ] && is_recent .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python)
    [ -n "$python" ] || stop "no Python 3.11 or later was found" \
        "none of ${PYTHON:-python3, python3.14, python3.13, python3.12, python3.11, python} is one" \
        "install one (on Debian or Ubuntu: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python"
    "$python" -c 'import venv, ensurepip' 2>/dev/null || stop "$python cannot make an environment" \
        "its venv or ensurepip module is missing; some systems package them apart" \
        "on Debian or Ubuntu: apt-get install python3-venv, then the same make command again"
    echo "set-up: making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

echo "set-up: installing the locked dependencies (a minute or two the first time)"
.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock ||
    stop "the dependencies could not be installed" \
        "pip's own words stand above" \
        "check that the package index can be reached and that the disk has 1 GB free, then the same make command again"

echo "set-up: installing counterfoil itself, editable"
.venv/bin/python -m pip install -qq --disable-pip-version-check \
    --no-deps --no-index --no-build-isolation --editable . ||
    stop "counterfoil itself could not be installed" \
        "pip's own words stand above" \
        "make clean, then the same make command again"

touch .venv/ready
