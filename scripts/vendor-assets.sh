#!/bin/sh
# Take what pages are made of from npm, cut to what they use, into src/emplette/http/pages/static/vendored.
# Run it after a class, or a picture, that no page used before appears in one; its result is committed.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp scripts/vendor-assets.mjs "$work"
cat >"$work/package.json" <<'END'
{
  "private": true,
  "type": "module",
  "dependencies": {
    "@tabler/core": "1.6.1",
    "@tabler/icons": "3.51.0",
    "htmx.org": "2.0.11",
    "axe-core": "4.14.1",
    "lightningcss": "1.33.0",
    "purgecss": "8.0.0"
  }
}
END
(cd "$work" && npm install --no-audit --no-fund --silent)
pages=$PWD/src/emplette/http/pages
node "$work/vendor-assets.mjs" "$pages" "$PWD/tests/browser"
