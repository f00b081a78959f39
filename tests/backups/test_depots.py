"""Back-ups are kept in a folder or in a bucket; what is neither is refused, and no folder of that name is made."""

import os
from pathlib import Path

import pytest

from emplette.cli.verdicts import read_kept
from emplette.storage.depots import Depot, DepotFailed


@pytest.mark.parametrize("place", ["http://acme.example/backups", "s3:///backups", "sftp://who:secret@acme.example/"])
def test_an_address_of_another_kind_is_refused(place: str) -> None:
    with pytest.raises(DepotFailed) as refused:
        Depot(place)
    assert "s3://BUCKET/PREFIX" in refused.value.detail
    assert "secret" not in refused.value.detail


@pytest.mark.parametrize("place", ["backups", "/mnt/backups", "file:///mnt/backups", "s3://acme/backups"])
def test_a_folder_and_a_bucket_are_places_for_back_ups(place: str) -> None:
    assert Depot(place).url == place


def test_whose_data_folder_is_closed_can_check_a_back_up_all_the_same(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    child = os.fork()
    if child == 0:
        if os.getuid() == 0:
            os.setuid(65534)
        try:
            os._exit(0 if read_kept([], tmp_path / "data") == ([], []) else 1)
        except OSError:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    tmp_path.chmod(0o700)
