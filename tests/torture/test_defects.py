"""The defects of `make torture-proof` can be put into the source as it is today; one that can't is told of loudly."""

import shutil
from pathlib import Path

import pytest

from torture.proof import SOURCE, PatchFails, defects, put_into


def files_of(patch: Path) -> list[str]:
    """List the files that a patch changes, from the source's folder on."""
    return [line.split("/src/", 1)[1] for line in patch.read_text("utf-8").splitlines() if line.startswith("+++ ")]


def copy_files(patch: Path, folder: Path) -> None:
    for name in files_of(patch):
        (folder / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SOURCE / name, folder / "src" / name)


def test_there_are_nine() -> None:
    assert [patch.stem for patch in defects()] == [
        "amendment-beside-what-it-replaces",
        "answer-by-the-wrong-index",
        "change-that-leads-past-a-step",
        "event-outside-the-statement",
        "guard-without-the-lock",
        "key-not-in-the-transaction",
        "one-approval-is-enough",
        "repeat-that-tells-of-today",
        "retry-that-does-not-look",
    ]


@pytest.mark.parametrize("patch", defects(), ids=lambda patch: patch.stem)
def test_a_defect_can_be_put_into_the_source_as_it_is(patch: Path, tmp_path: Path) -> None:
    copy_files(patch, tmp_path)
    put_into(patch, tmp_path)
    for name in files_of(patch):
        text = (tmp_path / "src" / name).read_text("utf-8")
        assert text != (SOURCE / name).read_text("utf-8")
        compile(text, name, "exec")


def test_a_defect_that_fits_no_more_is_refused(tmp_path: Path) -> None:
    defect = next(one for one in defects() if one.stem == "answer-by-the-wrong-index")
    copy_files(defect, tmp_path)
    patch = tmp_path / "of-another-source.patch"
    patch.write_text(defect.read_text("utf-8").replace("by_number", "by_name"), "utf-8")
    with pytest.raises(PatchFails, match=r"of-another-source\.patch does not apply any more"):
        put_into(patch, tmp_path)
