"""The data folder is private, and nothing else becomes one by mistake."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from emplette.runtime.accounts import Account, postgres_account
from emplette.runtime.exits import Exit, FolderUnusable, NoSystemUser
from emplette.runtime.folders import (
    DataFolder,
    open_data_folder,
    open_to,
    remove_socket_folder,
    socket_folder,
    unmade_when_refused,
)
from tests.runtime.servers import EMPLETTE, environment_of, run

AS_ROOT = os.geteuid() == 0


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_with_what_is_above_it_and_closed_to_everybody_else(folder: Path) -> None:
    made = open_data_folder(folder / "a" / "b")
    assert mode(made.path) == 0o700
    assert mode(made.lock) == 0o600


def test_an_open_folder_is_closed_and_what_is_above_it_stays_as_it_is(folder: Path) -> None:
    (folder / "data").mkdir(mode=0o755)
    (folder / "data").chmod(0o777)
    open_data_folder(folder / "data")
    assert (mode(folder / "data"), mode(folder)) == (0o700, 0o755)


def test_templates_may_be_there_before_the_first_start(folder: Path) -> None:
    (folder / "templates").mkdir()
    assert open_data_folder(folder).lock.exists()


def test_a_folder_of_something_else_is_refused_and_left_as_it_was(folder: Path) -> None:
    (folder / "thesis.tex").touch()
    with pytest.raises(FolderUnusable, match="holds something else"):
        open_data_folder(folder)
    assert mode(folder) == 0o755
    assert [entry.name for entry in folder.iterdir()] == ["thesis.tex"]


def test_it_is_taken_again_with_all_that_is_in_it(folder: Path) -> None:
    open_data_folder(folder)
    (folder / "more").touch()
    assert open_data_folder(folder).path == folder


def test_a_file_is_no_folder(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(FolderUnusable, match="cannot be used: File exists"):
        open_data_folder(folder / "file")


def test_where_nothing_can_be_made_it_is_said(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(FolderUnusable, match="cannot be used: Not a directory"):
        open_data_folder(folder / "file" / "data")


@pytest.fixture
def of_somebody_else(folder: Path) -> Iterator[Path]:
    """Lend a folder that is not ours: nobody's as root, root's as anybody else."""
    if not AS_ROOT:
        yield Path("/usr")
        return
    os.chown(folder, 65_534, 65_534)
    yield folder


def test_somebody_elses_folder_is_refused_by_the_owners_name(of_somebody_else: Path) -> None:
    with pytest.raises(FolderUnusable, match=r"belongs to (nobody|root): run as"):
        open_data_folder(of_somebody_else)


def test_a_long_path_puts_the_socket_below_tmp_and_leaves_a_link_to_it(folder: Path) -> None:
    account = postgres_account()
    data = open_data_folder(folder / ("long" * 20))
    open_to(account, data, data.postgres)
    short = socket_folder(account, data)
    try:
        assert len(str(short)) < 40
        assert mode(short) == 0o700
        assert short.stat().st_uid == account.uid
        assert (data.postgres / "socket").readlink() == short
        assert socket_folder(account, data) == short, "the same one serves the next start"
    finally:
        remove_socket_folder(data)
    assert not short.exists()


def test_a_folder_that_was_moved_from_where_its_path_was_short_is_served_from_there(folder: Path) -> None:
    account = postgres_account()
    data = open_data_folder(folder / ("long" * 20))
    open_to(account, data, data.postgres)
    (data.postgres / "socket").mkdir()
    (data.postgres / "socket" / ".s.PGSQL.5432.lock").touch()
    short = socket_folder(account, data)
    try:
        assert (data.postgres / "socket").readlink() == short
    finally:
        remove_socket_folder(data)


def test_a_link_to_a_folder_that_somebody_else_could_enter_is_not_followed(folder: Path) -> None:
    account = postgres_account()
    data = open_data_folder(folder / ("long" * 20))
    open_to(account, data, data.postgres)
    trap = folder / "trap"
    trap.mkdir(mode=0o777)
    trap.chmod(0o777)
    (data.postgres / "socket").symlink_to(trap)
    try:
        assert socket_folder(account, data) != trap
    finally:
        remove_socket_folder(data)
    assert trap.exists()


def test_a_folder_above_that_is_closed_to_the_databases_user_is_named_and_not_opened(folder: Path) -> None:
    folder.chmod(0o700)
    account = postgres_account()
    data = open_data_folder(folder / "data")
    if not AS_ROOT:
        open_to(account, data, data.postgres)
        assert mode(data.postgres) == 0o700, "as an ordinary user the database's user is ourselves"
        return
    with pytest.raises(FolderUnusable, match="cannot reach"):
        open_to(account, data, data.postgres)
    assert mode(folder) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="only root has PostgreSQL run by another user, who may be kept out")
@pytest.mark.parametrize("command", ["serve", "tenant list"])
def test_a_folder_that_the_databases_user_cannot_reach_is_not_left_behind(folder: Path, command: str) -> None:
    folder.chmod(0o700)
    ended = run([*EMPLETTE, *command.split()], environment_of(folder / "deep" / "data"))
    assert (ended.returncode, len(ended.stderr.splitlines())) == (Exit.FOLDER_UNUSABLE, 1), ended.stderr
    assert "cannot reach" in ended.stderr
    assert list(folder.iterdir()) == []


def refused(data: DataFolder) -> None:
    """Begin in a data folder, and be refused."""
    data.postgres.mkdir(exist_ok=True)
    with suppress(FolderUnusable), unmade_when_refused(data):
        raise FolderUnusable


def test_what_was_there_before_a_start_was_refused_stays(folder: Path) -> None:
    (folder / "mine").mkdir()
    refused(open_data_folder(folder / "mine"))
    assert [path.name for path in folder.rglob("*")] == ["mine"]
    taken = open_data_folder(folder / "mine")
    (taken.path / "something").touch()
    refused(taken)
    refused(open_data_folder(folder / "mine"))
    assert {path.name for path in taken.path.iterdir()} >= {"emplette.lock", "something"}


def test_a_user_without_a_name_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 3_999_999)
    with pytest.raises(NoSystemUser, match="has no name on this machine"):
        postgres_account()


def test_root_gives_the_database_to_a_user_that_is_not_root() -> None:
    account = postgres_account()
    assert account.uid != 0
    assert account.is_us is not AS_ROOT
    assert (account.name == "emplette") is AS_ROOT


def test_only_a_change_of_user_needs_credentials() -> None:
    us = Account("us", os.geteuid(), os.getegid())
    other = Account("other", os.geteuid() + 1, 7)
    assert us.credentials() == {}
    assert other.credentials() == {"user": os.geteuid() + 1, "group": 7, "extra_groups": []}
