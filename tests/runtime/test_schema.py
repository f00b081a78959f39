"""The address of a database, read: who comes, where to, and what of it may be shown."""

import asyncio
from pathlib import Path

import pytest

from emplette.runtime.programs import Programs, without_password
from emplette.runtime.schema import place, role_of

WRITTEN = "postgresql://an%20owner:s3cr%2Ft@db:5432/emplette?sslmode=require"
ASKED = "postgresql:///emplette?host=db&user=an%20owner&password=s3cr%2Ft&sslmode=require"


@pytest.mark.parametrize("url", [WRITTEN, ASKED])
def test_who_comes_and_where_to_are_read_either_way_and_the_password_is_not_told(url: str) -> None:
    assert (role_of(url), place(url)) == ("an owner", "db/emplette")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (WRITTEN, "postgresql://an%20owner@db:5432/emplette?sslmode=require"),
        (ASKED, "postgresql:///emplette?host=db&user=an%20owner&sslmode=require"),
        ("postgresql://emplette@/emplette?host=/run/a%20b", "postgresql://emplette@/emplette?host=/run/a%20b"),
    ],
)
def test_an_address_without_its_password_is_the_same_address(url: str, shown: str) -> None:
    assert without_password(url) == shown


@pytest.mark.parametrize("url", [WRITTEN, ASKED])
def test_a_program_is_given_the_password_in_its_environment_and_not_in_its_arguments(url: str, tmp_path: Path) -> None:
    tell = tmp_path / "pg_restore"
    tell.write_text(f'#!/bin/sh\necho "$PGPASSWORD" > {tmp_path}/told\necho "$@" > {tmp_path}/typed\n')
    tell.chmod(0o700)
    asyncio.run(Programs(tmp_path, say=lambda _: None).restore(url, tmp_path, server_major=18))
    assert (tmp_path / "told").read_text() == "s3cr/t\n"
    assert "s3cr" not in (tmp_path / "typed").read_text()
