#!/bin/sh
# Make the virtual environment FOLDER, with the tools that install everything else (uv and the build backend).
# Needs a Python 3.11 or newer; PYTHON names one when it is not found by itself.
set -eu
folder=$1

fits() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

python=
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if fits "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Emplette needs Python 3.11 or newer, and found none. Name one: make PYTHON=/path/to/python3" >&2
    exit 1
fi

if [ ! -x "$folder/bin/python" ] || ! fits "$folder/bin/python"; then
    rm -rf "$folder"
    # Debian keeps venv's own pip in a package apart (python3-venv); a pip installed for the system will do as well.
    "$python" -m venv "$folder" 2>/dev/null || { rm -rf "$folder" && "$python" -m venv --without-pip "$folder"; }
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1
if "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    "$folder/bin/python" -m pip install --quiet --require-hashes -r requirements/setup.lock.txt
elif "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m pip --python "$folder/bin/python" install --quiet --require-hashes -r requirements/setup.lock.txt
elif command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --python "$folder/bin/python" --require-hashes -r requirements/setup.lock.txt
else
    echo "$python has neither venv with pip, nor pip, nor is there a uv. On Debian: apt-get install python3-venv" >&2
    exit 1
fi
