#!/bin/sh
# Makes a new machine ready: uv, the locked environment, Java, MariaDB, the pinned Spark jars. Safe to repeat.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    say "Python 3.11, 3.12 or 3.13 is needed. Remedy: install it with the system's package manager."
    exit 1
}

python=$(find_python)
if command -v uv >/dev/null 2>&1; then
    uv=uv
else
    uv="$PWD/.cache/uv/bin/uv"
    if [ ! -x "$uv" ]; then
        say "Installing uv into .cache/uv"
        "$python" -m venv .cache/uv
        .cache/uv/bin/python -m pip install --quiet --disable-pip-version-check uv
    fi
fi

if ! { command -v java >/dev/null 2>&1 &&
    java -version 2>&1 | sed -n 's/^[^"]*version "\([0-9]*\).*/\1/p' | awk '{ exit !($1 >= 17) }'; }; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "Installing a headless Java runtime"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq default-jre-headless >/dev/null
    else
        say "Java 17 or newer is needed. Remedy: install it (Debian: apt-get install default-jre-headless)."
        exit 1
    fi
fi

if ! [ -x /usr/sbin/mariadbd ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "Installing MariaDB, the MySQL server of the sandbox"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            mariadb-server-core >/dev/null || say "MariaDB cannot be installed: its tests are skipped, and fail in CI."
    else
        say "MariaDB is missing: the sandbox does without, its tests are skipped. Remedy: install mariadb-server-core."
    fi
fi

"$uv" sync --quiet --frozen --python "$python"
.venv/bin/python -m infra.jars >/dev/null
