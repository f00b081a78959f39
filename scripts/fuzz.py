"""Try everything with what nobody would think of, for FUZZ_MINUTES: `make fuzz`.

Two thirds of the time schemathesis makes up calls to a server that runs; then hypothesis makes up values for every rule
that is tried so, over and over, other ones each time. The last line says what came of it; the exit code is 0 when
nothing was found. `make check` does both in short, the same every time.
"""

import os
import re
import subprocess
import sys
import time

CALLS = ["--capture=no", "tests/schemas/test_fuzzing.py"]
VALUES = ["-m", "hypothesis", "tests"]
_CALLS_PART = 2 / 3


def main() -> int:
    """Run both, and count."""
    minutes = float(os.environ.get("FUZZ_MINUTES") or 10)
    ends = time.monotonic() + 60 * minutes
    told, found = _pytest(CALLS, minutes * _CALLS_PART)
    calls = sum(map(int, re.findall(r"^fuzz: .*: calls=(\d+)$", told, re.MULTILINE)))
    rounds, values = 0, 0
    while not rounds or time.monotonic() < ends:
        told, fault = _pytest(VALUES, minutes)
        values = sum(map(int, re.findall(r"^(\d+) passed", told, re.MULTILINE)))
        found, rounds = found + fault, rounds + 1
    print(f"fuzz: minutes={minutes:g} calls={calls} rules={values} rounds={rounds} findings={found}")
    return 1 if found else 0


def _pytest(what: list[str], minutes: float) -> tuple[str, int]:
    """Run some tests; answer what they said, which is shown as well, and 1 when something was found."""
    command = [sys.executable, "-m", "pytest", "--quiet", "--no-header", *what]
    environment = os.environ | {"FUZZ_MINUTES": str(minutes)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        lines = []
        for line in running.stdout or ():
            lines.append(line)
            print(line, end="", flush=True)
    return "".join(lines), int(running.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
