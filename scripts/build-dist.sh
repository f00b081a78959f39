#!/bin/sh
# Build what is published, twice, and see that both are the same to the bit: the wheel, the source, the bill of materials.
#   sh scripts/build-dist.sh [FOLDER]   writes them to FOLDER (dist), with their SHA-256 in SHA256SUMS
# The second is built from a copy elsewhere, whose files are newer and readable by fewer people. The date in them is that
# of the last commit, or SOURCE_DATE_EPOCH.
set -eu
out=${1:-dist}
here=$(pwd)
export UV_PYTHON_DOWNLOADS=never PYTHONDONTWRITEBYTECODE=1
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

trial=$(mktemp -d "${TMPDIR:-/tmp}/emplette-dist.XXXXXX")
trap 'rm -rf "$trial"' EXIT
trap 'exit 1' INT TERM

build() {  # build FROM TO
    (
        cd "$1"
        "$here/.venv/bin/uv" build --quiet --no-build-isolation --offline --python "$here/.venv/bin/python" --out-dir "$2"
        rm -f "$2/.gitignore"
        PYTHONPATH=. "$here/.venv/bin/python" -m scripts.write_sbom "$2/emplette.cdx.json"
    )
}

# What is published is what git knows: nothing that merely lies about gets into it.
for copy in one another/place; do
    mkdir -p "$trial/$copy"
    git ls-files -z | xargs -0 tar -c --ignore-failed-read 2>/dev/null | tar -x -C "$trial/$copy"
done
build "$trial/one" "$trial/first"
find "$trial/another" -exec touch -d '2001-02-03 04:05:06' {} + -exec chmod go-rwx {} +
(umask 077 && TZ=Asia/Tokyo LC_ALL=C build "$trial/another/place" "$trial/second")

(cd "$trial/first" && sha256sum ./* >SHA256SUMS)
(cd "$trial/second" && sha256sum ./* >SHA256SUMS)
if ! cmp -s "$trial/first/SHA256SUMS" "$trial/second/SHA256SUMS"; then
    diff "$trial/first/SHA256SUMS" "$trial/second/SHA256SUMS" >&2 || true
    echo "dist: built twice, and not the same" >&2
    exit 1
fi
mkdir -p "$out"
cp "$trial/first"/* "$out"
echo "dist: $(cd "$trial/first" && ls | grep -v SHA256SUMS | tr '\n' ' ')built twice, the same to the bit"
