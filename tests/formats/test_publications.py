"""The bank's files as anybody may have downloaded them, and what else may be in a file."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from emplette.domain.errors import Invalid
from emplette.formats import publications
from emplette.formats.exchange_rates import ReferenceRate, read_history, shipped_history
from emplette.formats.publications import read_publication

DAY = date(2026, 11, 20)
EXPECTED = [ReferenceRate("USD", DAY, Decimal("1.1562")), ReferenceRate("JPY", DAY, Decimal("181.02"))]

DAILY = "Date, USD, JPY, BGN, \n20 November 2026, 1.1562, 181.02, N/A, \n"
HISTORY = "Date,USD,JPY,BGN,\n2026-11-20,1.1562,181.02,N/A,\n"
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
    xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
  <Cube>
    %s
  </Cube>
</gesmes:Envelope>"""
CUBE = (
    "<Cube time='2026-11-20'><Cube currency='USD' rate='1.1562'/><Cube currency=\"JPY\" rate=\"181.02\"></Cube></Cube>"
)
XML = ENVELOPE % CUBE


def zipped(content: str | bytes, *names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("eurofxref.csv",):
            archive.writestr(name, content)
    return file.getvalue()


def faults_of(data: bytes) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        read_publication(data)
    assert list(refusal.value.faults) == ["file"]
    return refusal.value.faults["file"]


@pytest.mark.parametrize(
    "data",
    [
        DAILY.encode(),
        HISTORY.encode(),
        HISTORY.replace("\n", "\r\n").encode(),
        HISTORY.removesuffix("\n").encode(),
        f"\ufeff{HISTORY}".encode(),
        XML.encode(),
        f"\ufeff{XML}".encode(),
        XML.replace("UTF-8", "utf-16").encode(),
        zipped(DAILY),
        zipped(HISTORY, "eurofxref-hist.csv"),
        zipped(XML, "eurofxref-hist-90d.xml"),
    ],
)
def test_every_form_of_the_banks_is_read(data: bytes) -> None:
    assert read_publication(data) == EXPECTED


def test_days_follow_each_other_as_they_are_written() -> None:
    cubes = CUBE + CUBE.replace("2026-11-20", "2026-11-19")
    assert [rate.date.day for rate in read_publication((ENVELOPE % cubes).encode())] == [20, 20, 19, 19]


def test_the_shipped_history_reads_the_same_as_a_download() -> None:
    assert read_publication(shipped_history()) == list(read_history(shipped_history()))


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("Date,USD,\n2026-11-20,abc,\n", "Line 2: 'abc' is no rate of USD: a number above zero."),
        ("Date,USD,\n2026-11-20,0.0,\n", "Line 2: '0.0' is no rate of USD"),
        ("Date,USD,\n2026-11-20,-1,\n", "Line 2: '-1' is no rate of USD"),
        ("Date,USD,\n2026-11-20,1E999999999,\n", "Line 2: '1E999999999' is no rate of USD"),
        ('Date,USD,\n2026-11-20,"1,1562",\n', "Line 2: '1,1562' is no rate of USD"),
        ("Date,USD,\n2026-11-20,\u0661,\n", "Line 2: '\u0661' is no rate of USD"),
        ("Date,USD,\n2026-02-30,1.1,\n", "Line 2: '2026-02-30' is no day."),
        ("Date,USD,\n20/11/2026,1.1,\n", "Line 2: '20/11/2026' is no day."),
        ("Date,USD,\n20 novembre 2026,1.1,\n", "Line 2: '20 novembre 2026' is no day."),
        ("Date,USD,USD,\n2026-11-20,1.1,1.1,\n", "Line 2: USD stands there twice for 2026-11-20."),
        ("Date,USD,\n2026-11-20,1.1,\n2026-11-20,1.2,\n", "Line 3: USD stands there twice for 2026-11-20."),
        ("Date,dollar,\n2026-11-20,1.1,\n", "Line 2: 'dollar' is no currency."),
        ("Date,USD,\n2026-11-20,1.1\n", "Line 2: Has 2 values where the first line has 3."),
        ('Date,USD,\n2026-11-20,"1.1\n', "Line 2: Can't be read as CSV"),
        ("Date;USD;\n2026-11-20;1,1;\n", "Is no table of the bank's"),
        ("USD,Date\n", "Is no table of the bank's"),
        ("Date\n", "Is no table of the bank's"),
        ("", "Is no table of the bank's"),
        ("   \n", "Is no table of the bank's"),
        ("%PDF-1.7 ...", "Is no table of the bank's"),
        ("Date,USD,\n", "Holds no reference rate"),
        ("Date,USD,\n2026-11-20,N/A,\n", "Holds no reference rate"),
    ],
)
def test_what_is_at_fault_in_a_table_is_named_by_its_line(table: str, fault: str) -> None:
    assert faults_of(table.encode())[0].startswith(fault)


def test_all_faults_are_named_up_to_twenty() -> None:
    table = "Date,USD,\n" + "".join(f"2026-01-{day:02},x,\n" for day in range(1, 32))
    found = faults_of(table.encode())
    assert len(found) == 21
    assert found[-1] == "Has 11 more faults."


def test_a_cell_without_end_is_refused() -> None:
    assert "field larger than field limit" in faults_of(("Date,USD,\n2026-11-20," + "1" * 2_000_000).encode())[0]


# XML ----------------------------------------------------------------------------------------------------------

BOMB = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
READER = '<!DOCTYPE x [<!ENTITY leak SYSTEM "file:///etc/hostname">]>'
REMOTE = '<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">'


@pytest.mark.parametrize("doctype", [BOMB, READER, REMOTE, "<!DOCTYPE html>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_anything_is_refused_in_every_encoding(doctype: str, encoding: str) -> None:
    text = XML.replace("UTF-8", encoding).replace("?>", f"?>{doctype}", 1)
    assert faults_of(text.encode(encoding))[0].startswith(("Is XML with a DOCTYPE", "Is not text in UTF-8"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<a>", "Is no XML: "),
        ("<a>&nbsp;</a>", "Is no XML: Entity 'nbsp' not defined"),
        ("<a/>", "Holds no reference rate"),
        (ENVELOPE % "", "Holds no reference rate"),
        (XML.replace("eurofxref", "elsewhere"), "Holds no reference rate"),
        (XML.replace("1.1562", ""), "Line 7: '' is no rate of USD"),
        (XML.replace("'USD'", "''"), "Line 7: '' is no currency."),
        (XML.replace(" rate='1.1562'", ""), "Line 7: '' is no rate of USD"),
        (XML.replace("2026-11-20", "2026-11-31"), "Line 7: '2026-11-31' is no day."),
        (ENVELOPE % (CUBE * 2), "Line 7: USD stands there twice"),
    ],
)
def test_what_is_at_fault_in_xml_is_named(text: str, fault: str) -> None:
    assert faults_of(text.encode())[0].startswith(fault)


def test_deep_xml_costs_nothing() -> None:
    assert faults_of(b"<a>" * 100_000)[0].startswith("Is no XML")


# Zips ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"PK\x03\x04 no zip", "Is a zip that can't be unpacked"),
        (zipped(HISTORY)[:-30], "Is a zip that can't be unpacked"),
        (zipped(HISTORY, "readme.txt"), "Is a zip with 0 tables"),
        (zipped(HISTORY, "one.csv", "two.csv"), "Is a zip with 2 tables"),
        (zipped(zipped(HISTORY)), "Is not text in UTF-8"),
        (b"\xff\xfe\x00", "Is not text in UTF-8: byte 0"),
    ],
)
def test_what_is_no_zip_of_the_banks_is_refused(data: bytes, fault: str) -> None:
    assert faults_of(data)[0].startswith(fault)


def test_a_zip_with_a_damaged_table_is_refused() -> None:
    whole = bytearray(zipped(HISTORY * 200))
    whole[60:80] = b"\xff" * 20
    assert faults_of(bytes(whole))[0].startswith("Is a zip that can't be unpacked")


def test_a_zip_is_not_unpacked_beyond_what_the_bank_would_publish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publications, "LARGEST", 2**20)
    bomb = zipped("0" * (50 * 2**20))
    assert len(bomb) < 2**17
    assert faults_of(bomb) == ["Is larger than 1 MB: the bank's files are not."]
    assert faults_of(b" " * (2**20 + 1)) == ["Is larger than 1 MB: the bank's files are not."]
