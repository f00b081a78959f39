"""The order as data: valid by the schema of Order-X, and the same to the cent as what people read."""

from dataclasses import replace
from decimal import Decimal
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from facturx import get_orderx_xml_from_pdf  # type: ignore[import-untyped]
from lxml import etree
from pypdf import PdfReader

from emplette.domain.order_documents import Letter, Party
from emplette.domain.parties import PostalAddress
from emplette.formats.order_x import declared, order_x
from tests.fixtures.letters import LETTER, YEARLY, printed

RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:128}"
FX = "{urn:factur-x:pdfa:CrossIndustryDocument:1p0#}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
BARE = Party("Chez Zoé", None, None, "FR-20R", None, None)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    folder = Path(str(resources.files("facturx"))) / "xsd_and_schematron" / "orderx-basic"
    return etree.XMLSchema(etree.parse(folder / "SCRDMCCBDACIOMessageStructure_100pD20B.xsd"))


def texts(letter: Letter, name: str) -> list[str | None]:
    return [element.text for element in etree.fromstring(order_x(letter)).iter(f"{RAM}{name}")]


@pytest.mark.parametrize(
    "letter",
    [
        LETTER,
        YEARLY,
        replace(LETTER, buyer=BARE, supplier=BARE, conditions=None, contact=""),
        replace(LETTER, supplier=replace(BARE, territory_id="XI", address=PostalAddress(additional="B"))),
        replace(LETTER, currency="JPY", amount=replace(LETTER.amount, excluding=Decimal(1200), taxes=())),
        replace(LETTER, title="漢字 <&> \ufffe " * 100, conditions="]]>\n\u0085"),
    ],
)
def test_it_is_valid_by_the_schema(schema: etree.XMLSchema, letter: Letter) -> None:
    schema.assertValid(etree.fromstring(order_x(letter)))


def test_amounts_are_those_of_the_whole_order() -> None:
    assert texts(YEARLY, "ChargeAmount") == ["1200.00"]
    assert texts(YEARLY, "RequestedQuantity") == ["4"]
    assert texts(YEARLY, "LineTotalAmount") == ["4800.00", "4800.00"]
    assert texts(YEARLY, "TaxTotalAmount") == ["960.00"]
    assert texts(YEARLY, "GrandTotalAmount") == ["5760.00"]


def test_both_sides_are_known_by_their_numbers() -> None:
    root = etree.fromstring(order_x(LETTER))
    numbers = [(one.text, one.get("schemeID")) for one in root.iter(f"{RAM}ID") if one.get("schemeID")]
    assert numbers == [("30326504500012", "0009"), ("FR40303265045", "VA"), ("303265045", "0002")]


def test_a_pdf_that_bears_an_order_says_so_and_is_whole() -> None:
    pdf = printed(LETTER)["pdf"]
    reader: Any = PdfReader(BytesIO(pdf), strict=True)
    assert all(reader.get_object(number) is not None for number in range(1, int(reader.trailer["/Size"])))
    (xmp,) = etree.fromstring(reader.trailer["/Root"]["/Metadata"].get_data()).iter(f"{RDF}RDF")
    said = {str(element.tag).removeprefix(FX): element.text for element in xmp.iter(f"{FX}*")}
    assert said == {
        "DocumentType": "ORDER",
        "DocumentFileName": "order-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "BASIC",
    }
    explained = {element.text for element in xmp.iter("{http://www.aiim.org/pdfa/ns/property#}name")}
    assert set(said) <= explained, "PDF/A wants every word explained that it does not know"


def test_programs_for_order_x_find_it() -> None:
    name, found = get_orderx_xml_from_pdf(printed(YEARLY)["pdf"], check_xsd=True)
    assert name == "order-x.xml"
    assert etree.tostring(etree.fromstring(found)) == etree.tostring(etree.fromstring(order_x(YEARLY)))


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7 of somebody else's\nstartxref\n3\n%%EOF"])
def test_a_pdf_that_is_laid_out_otherwise_stays_as_it_is(pdf: bytes) -> None:
    assert declared(pdf) == pdf


def test_a_part_of_a_country_is_told_as_the_country() -> None:
    for territory, country in {"FR-20R": "FR", "XI": "GB", "DE": "DE"}.items():
        letter = replace(LETTER, supplier=replace(BARE, territory_id=territory))
        assert texts(letter, "CountryID")[0] == country
