"""What a file is, its content says; what may run, or is not known, is refused with words that help."""

import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emplette.domain.files import FIELD, KINDS, FileRefused, extension_of, name_as
from emplette.formats.sniffing import kind_of
from tests.fixtures import made_files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "received"


@pytest.mark.parametrize("name", made_files.GOOD)
def test_every_kind_is_known_by_its_content(name: str, path: Path) -> None:
    content_type, make = made_files.GOOD[name]
    path.write_bytes(make())
    assert kind_of(path, name).content_type == content_type


@pytest.mark.parametrize("name", made_files.BAD)
def test_what_may_run_or_is_not_known_is_refused_with_its_reason(name: str, path: Path) -> None:
    reason, make = made_files.BAD[name]
    path.write_bytes(make())
    with pytest.raises(FileRefused) as refusal:
        name_as(name, kind_of(path, name))
    (message,) = refusal.value.faults[FIELD]
    assert reason in message.replace("\\", "") or reason.replace("\\", "") in message


def test_no_kind_on_the_list_is_one_that_a_browser_runs() -> None:
    assert not {"text/html", "image/svg+xml", "text/javascript", "application/xhtml+xml"} & {
        kind.content_type for kind in KINDS
    }


def test_a_zip_that_is_called_a_pdf_is_a_zip_and_no_pdf(path: Path) -> None:
    path.write_bytes(made_files.zipped({"a.txt": b"a"}))
    kind = kind_of(path, "invoice.pdf")
    assert kind.content_type == "application/zip"
    with pytest.raises(FileRefused):
        extension_of("invoice.pdf", kind)


def test_a_picture_with_a_wrong_extension_gets_its_own(path: Path) -> None:
    path.write_bytes(made_files.picture("PNG"))
    assert extension_of("scan.jpg", kind_of(path, "scan.jpg")) == "png"


@pytest.mark.parametrize("claimed", [b"\xff" * 8, struct.pack("<II", 46, 0xFFFFFFF0)])
def test_a_zip_whose_directory_lies_is_any_zip(claimed: bytes, path: Path) -> None:
    made = bytearray(made_files.GOOD["letter.docx"][1]())
    made[-10:-2] = claimed
    path.write_bytes(made)
    assert kind_of(path).content_type == "application/zip"


def test_of_a_folder_with_very_many_members_only_the_first_are_looked_at(path: Path) -> None:
    many = {f"{number:060}": b"" for number in range(20_000)}
    path.write_bytes(made_files.zipped({**many, "[Content_Types].xml": b"wordprocessingml.document.main+xml"}))
    assert kind_of(path).content_type == "application/zip"


def test_a_list_of_types_that_unpacks_to_very_much_is_not_unpacked(path: Path) -> None:
    path.write_bytes(made_files.zipped({"[Content_Types].xml": bytes(50_000_000)}))
    assert kind_of(path).content_type == "application/zip"


def test_a_directory_of_old_office_that_runs_in_circles_ends(path: Path) -> None:
    made = bytearray(made_files.compound("a", "b", "c", "d", "e", "f", "g", "h"))
    struct.pack_into("<I", made, 512 + 4 * 3, 1)
    path.write_bytes(made)
    with pytest.raises(FileRefused):
        kind_of(path)


def test_a_mail_that_is_called_text_is_text_also_when_a_page_is_in_it(path: Path) -> None:
    path.write_bytes(made_files.MAIL)
    assert kind_of(path, "mail.txt").content_type == "text/plain"


WRITTEN = sorted({make() for _, make in made_files.GOOD.values()})


@given(
    content=st.sampled_from(WRITTEN), cut=st.integers(0, 3000), place=st.integers(0, 3000), noise=st.binary(max_size=9)
)
def test_however_a_file_is_damaged_it_is_of_some_kind_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, cut: int, place: int, noise: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes((content[:place] + noise + content[place + len(noise) :])[: len(content) - cut % len(content)])
    with suppress(FileRefused):
        assert kind_of(path, "damaged") in KINDS
