#!/bin/sh
# Build the wheel and try it in an empty environment, as somebody who has only the wheel would.
#   quick   its dependencies come as locked, from uv's cache when they are there; the command answers
#   whole   pip finds its dependencies by itself, in the versions of the lock; the demo plays to its last line
set -eu
how=${1:-whole}
here=$(pwd)
uv="$here/.venv/bin/uv"
export UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1

trial=$(mktemp -d "${TMPDIR:-/tmp}/emplette-wheel.XXXXXX")
chmod 755 "$trial"  # run by root, the demo's database belongs to another user, who has to get here
demo=
tidy_up() {
    [ -z "$demo" ] || kill "$demo" 2>/dev/null || true
    rm -rf "$trial"
}
trap tidy_up EXIT
trap 'exit 1' INT TERM

"$uv" build --quiet --wheel --no-build-isolation --python .venv/bin/python --out-dir "$trial/dist"
if [ "$how" = quick ]; then
    .venv/bin/python -m venv --without-pip "$trial/environment"
    install() { "$uv" pip install --quiet --python "$trial/environment/bin/python" "$@"; }
    install --offline --require-hashes -r requirements/runtime.lock.txt 2>/dev/null ||
        install --require-hashes -r requirements/runtime.lock.txt 2>/dev/null ||
        install --system-certs --require-hashes -r requirements/runtime.lock.txt
    install --offline --no-deps "$trial"/dist/*.whl
else
    .venv/bin/python -m venv "$trial/environment"
    sed -E '/^ +(--hash|#)/d; s/ \\$//' requirements/runtime.lock.txt >"$trial/constraints.txt"
    "$trial/environment/bin/python" -m pip install --quiet --constraint "$trial/constraints.txt" "$trial"/dist/*.whl
fi

cd "$trial"
environment/bin/emplette --help >help.txt
environment/bin/python -W error - <<'PROGRAM'
import sys
from importlib.resources import files

from emplette.client import Emplette

with Emplette("http://127.0.0.1:9", "a-key") as client:
    assert client.purchases
assert files("emplette").joinpath("py.typed").is_file()
strangers = {"emplette.domain", "emplette.http", "starlette", "asyncpg", "granian"} & sys.modules.keys()
assert not strangers, strangers
PROGRAM
echo "wheel: $(basename "$trial"/dist/*.whl) installs, emplette --help answers, and the client is there by itself"
[ "$how" = whole ] || exit 0

port=$(environment/bin/python -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
EMPLETTE_DATA_DIR="$trial/data" EMPLETTE_PORT="$port" environment/bin/emplette demo >demo.txt 2>&1 &
demo=$!
waited=0
until grep -q '^ready: ' demo.txt; do
    if ! kill -0 "$demo" 2>/dev/null || [ "$waited" -ge 120 ]; then
        cat demo.txt >&2
        echo "wheel: emplette demo did not become ready" >&2
        exit 1
    fi
    sleep 1
    waited=$((waited + 1))
done
kill -INT "$demo"
wait "$demo" || true
demo=
echo "wheel: emplette demo plays to its last line"
