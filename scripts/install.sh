#!/bin/sh
# Install into the environment FOLDER, or with `--python PYTHON` into that one's, what the other arguments name, as
# `pip install` takes them: with uv, which is fast. Where the way out has certificates of its own, uv is told to use the
# system's; where packages come from a mirror that only pip is configured for, pip does it. What is installed is the
# same: the locks say so by hash.
set -u
folder=$1
python="$folder/bin/python"
shift
if [ "$1" = --python ]; then
    python=$2
    shift 2
fi
# Compiled at once, unless told otherwise, as pip does it: a worker's start costs a third of what it does when it
# compiles what it imports.
export UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE="${UV_COMPILE_BYTECODE:-1}" PIP_DISABLE_PIP_VERSION_CHECK=1

complaint=$(mktemp)
trap 'rm -f "$complaint"' EXIT
"$folder/bin/uv" pip install --quiet --python "$python" "$@" 2>"$complaint" && exit 0
UV_SYSTEM_CERTS=true "$folder/bin/uv" pip install --quiet --python "$python" "$@" 2>/dev/null && exit 0
cat "$complaint" >&2
"$folder/bin/python" -m pip --version >/dev/null 2>&1 || exit 1
echo "trying once more, with pip" >&2
"$folder/bin/python" -m pip --python "$python" install --quiet "$@"
