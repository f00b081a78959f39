"""Why a database could not be made is told, and not only that PostgreSQL's programs have tidied up after it."""

import pytest

from emplette.runtime.cluster import fault_in

FULL = """\
2026-11-22 15:35:56.966 UTC [24667] FATAL:  could not write to file "base/5/3394": No space left on device
2026-11-22 15:35:56.966 UTC [24667] STATEMENT:  CREATE DATABASE postgres OID = 5 STRATEGY = file_copy;
\t
child process exited with exit code 1
initdb: removing data directory "/srv/emplette/postgres/18/new/data"
"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (FULL, FULL.splitlines()[0]),
        (
            'initdb: error: could not access directory "x": Permission denied\ninitdb: hint: Try again.',
            "initdb: error:",
        ),
        ("one\ntwo\n\n three\nfour", "two; three; four"),
        ("exit code 1", "exit code 1"),
    ],
)
def test_of_what_was_said_the_fault_is_told(said: str, told: str) -> None:
    assert fault_in(said).startswith(told)
    assert fault_in(said).count(";") <= 2
