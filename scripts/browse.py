"""Make every journey through the pages, and say in one line what came of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from scripts.find_chromium import HOW, chromium, fetch

ROOT: Final = Path(__file__).resolve().parents[1]
TALLY: Final = ROOT / "build" / "browser" / "tally.json"


def main() -> int:
    """Run the journeys; without a browser, say so loudly."""
    if chromium() is None:
        fetch()
    if chromium() is None:
        print(f"browser: NOT RUN: there is no Chromium here. {HOW}")
        return 1 if os.environ.get("CI") else 0
    TALLY.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "tests/browser"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"BROWSER": "everything"}, check=False)
    if not TALLY.exists():
        print("browser: NOT RUN: the journeys did not come to an end.")
        return 1
    found = json.loads(TALLY.read_text(encoding="utf-8"))
    for line in found["found"]:
        print(line)
    print(found["line"])
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main())
