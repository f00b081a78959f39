"""The order as data, for the supplier's programs: Order-X 1.0, profile Basic (the CII syntax of UN/CEFACT).

A PDF that bears one also says so in its own description (XMP), by which programs know what is attached to it.

Basic knows the sum of the taxes and not each of them, which is as much as an order of ours says to a program: what a
rate was charged on is not known. The order has one line: what is bought, or one period of it.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from emplette.domain.order_documents import Letter, Party
from emplette.formats.order_wording import country_of

NAME: Final = "order-x.xml"
"""What programs look for in a PDF."""

_GUIDELINE: Final = "urn:order-x.eu:1p0:basic"
_UN: Final = "urn:un:unece:uncefact:data"
_NAMESPACES: Final = {
    "rsm": f"{_UN}:SCRDMCCBDACIOMessageStructure:100",
    "ram": f"{_UN}:standard:ReusableAggregateBusinessInformationEntity:128",
    "qdt": f"{_UN}:standard:QualifiedDataType:128",
    "udt": f"{_UN}:standard:UnqualifiedDataType:128",
}
# Of UNTDID 1001, 1225, 4451 and 2379, of UN/ECE Recommendation 20, and of ISO 6523.
_ORDER: Final = "220"
_ORIGINAL: Final = "9"
_TERMS: Final = "AAB"
_DAY: Final = "102"
_PIECE: Final = "C62"
_SIRENE: Final = {9: "0002", 14: "0009"}
_NO_XML: Final = re.compile("[\ufffe\uffff]")
"""What people may write, and XML has no way to say."""


# What the description of a PDF says of the order in it; PDF/A wants the words explained that it does not know itself.
_SAID: Final = {
    "DocumentType": ("ORDER", "The type of the hybrid document"),
    "DocumentFileName": (NAME, "The name of the embedded XML document"),
    "Version": ("1.0", "The version of the standard that applies to the embedded XML document"),
    "ConformanceLevel": ("BASIC", "The conformance level of the embedded XML document"),
}
_OF_ORDER_X: Final = "urn:factur-x:pdfa:CrossIndustryDocument:1p0#"
_EXPLAINED: Final = "".join(
    '<rdf:li rdf:parseType="Resource"><pdfaProperty:category>external</pdfaProperty:category>'
    f"<pdfaProperty:description>{meaning}</pdfaProperty:description>"
    f"<pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType></rdf:li>"
    for name, (_, meaning) in _SAID.items()
)
_WORDS: Final = (
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Order-X PDFA Extension Schema</pdfaSchema:schema>'
    f"<pdfaSchema:namespaceURI>{_OF_ORDER_X}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    f"<pdfaSchema:property><rdf:Seq>{_EXPLAINED}</rdf:Seq></pdfaSchema:property></rdf:li>"
).encode()
_VALUES: Final = (
    f'<rdf:Description rdf:about="" xmlns:fx="{_OF_ORDER_X}">'
    + "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in _SAID.items())
    + "</rdf:Description>"
).encode()
_DESCRIPTION: Final = re.compile(
    rb"<</Length (?P<length>\d+)/Type/Metadata/Subtype/XML>>\nstream\n(?P<xmp>.*?)\nendstream", re.DOTALL
)
_TABLE: Final = re.compile(rb"xref\n0 \d+\n(?P<entries>(?:\d{10} \d{5} [fn]\r\n)+)")
_START: Final = re.compile(rb"startxref\n(?P<offset>\d+)\n%%EOF\s*\Z")


def order_x(letter: Letter) -> bytes:
    """Write an order as Order-X."""
    root = etree.Element(_name("rsm:SCRDMCCBDACIOMessageStructure"), nsmap=_NAMESPACES)
    context = _add(root, "rsm:ExchangedDocumentContext")
    _add(_add(context, "ram:GuidelineSpecifiedDocumentContextParameter"), "ram:ID", _GUIDELINE)
    _add_head(root, letter)
    trade = _add(root, "rsm:SupplyChainTradeTransaction")
    _add_line(trade, letter)
    agreement = _add(trade, "ram:ApplicableHeaderTradeAgreement")
    _add_party(agreement, "ram:SellerTradeParty", letter.supplier)
    _add_party(agreement, "ram:BuyerTradeParty", letter.buyer, contact=letter.contact)
    _add_delivery(trade, letter)
    settlement = _add(trade, "ram:ApplicableHeaderTradeSettlement")
    _add(settlement, "ram:OrderCurrencyCode", letter.currency)
    _add_sums(settlement, letter)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def declared(pdf: bytes) -> bytes:
    """Let the description of a PDF of typst's say that an Order-X is attached; one that is laid out otherwise stays."""
    description, table, start = _DESCRIPTION.search(pdf), None, _START.search(pdf)
    if start is not None:
        table = _TABLE.match(pdf, int(start["offset"]))
    if description is None or table is None or start is None:
        return pdf
    xmp = description["xmp"].replace(
        b"</rdf:Bag></pdfaExtension:schemas>", _WORDS + b"</rdf:Bag></pdfaExtension:schemas>"
    )
    xmp = xmp.replace(b"</rdf:RDF>", _VALUES + b"</rdf:RDF>")
    told = b"<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n%b\nendstream" % (len(xmp), xmp)
    longer = len(told) - len(description[0])

    def moved(offset: bytes) -> int:
        return int(offset) + (longer if int(offset) > description.start() else 0)

    entries = b"".join(
        b"%010d%b" % (moved(entry[:10]), entry[10:]) for entry in table["entries"].splitlines(keepends=True)
    )
    return b"".join(
        (
            *(pdf[: description.start()], told, pdf[description.end() : table.start("entries")], entries),
            *(pdf[table.end("entries") : start.start("offset")], b"%d" % moved(start["offset"])),
            pdf[start.end("offset") :],
        )
    )


def _add_head(root: etree._Element, letter: Letter) -> None:
    head = _add(root, "rsm:ExchangedDocument")
    _add(head, "ram:ID", letter.number)
    _add(head, "ram:TypeCode", _ORDER)
    _add_day(head, "ram:IssueDateTime", letter.ordered_on)
    _add(head, "ram:PurposeCode", _ORIGINAL)
    if letter.conditions is not None:
        note = _add(head, "ram:IncludedNote")
        _add(note, "ram:Content", letter.conditions)
        _add(note, "ram:SubjectCode", _TERMS)


def _add_line(trade: etree._Element, letter: Letter) -> None:
    count = 1 if letter.periods is None else letter.periods.count
    whole = letter.total or letter.amount
    line = _add(trade, "ram:IncludedSupplyChainTradeLineItem")
    _add(_add(line, "ram:AssociatedDocumentLineDocument"), "ram:LineID", "1")
    _add(_add(line, "ram:SpecifiedTradeProduct"), "ram:Name", letter.title)
    price = _add(_add(line, "ram:SpecifiedLineTradeAgreement"), "ram:NetPriceProductTradePrice")
    _add(price, "ram:ChargeAmount", letter.amount.excluding)
    quantity = _add(_add(line, "ram:SpecifiedLineTradeDelivery"), "ram:RequestedQuantity", count)
    quantity.set("unitCode", _PIECE)
    summed = _add(_add(line, "ram:SpecifiedLineTradeSettlement"), "ram:SpecifiedTradeSettlementLineMonetarySummation")
    _add(summed, "ram:LineTotalAmount", whole.excluding)


def _add_party(agreement: etree._Element, name: str, party: Party, contact: str | None = None) -> None:
    told = _add(agreement, name)
    _add(told, "ram:Name", party.name)
    if party.registration_id is not None:
        number = _add(_add(told, "ram:SpecifiedLegalOrganization"), "ram:ID", party.registration_id)
        scheme = _SIRENE.get(len(party.registration_id)) if country_of(party.territory_id) == "FR" else None
        if scheme is not None:
            number.set("schemeID", scheme)
    if contact:
        _add(_add(told, "ram:DefinedTradeContact"), "ram:PersonName", contact)
    place, address = _add(told, "ram:PostalTradeAddress"), party.address
    if address is not None:
        lines = [line for line in (address.street, address.additional) if line]
        _add(place, "ram:PostcodeCode", address.postal_code)
        for line_name, line in zip(("ram:LineOne", "ram:LineTwo"), lines, strict=False):
            _add(place, line_name, line)
        _add(place, "ram:CityName", address.city)
    _add(place, "ram:CountryID", country_of(party.territory_id))
    if party.vat_number is not None:
        _add(_add(told, "ram:SpecifiedTaxRegistration"), "ram:ID", party.vat_number).set("schemeID", "VA")


def _add_delivery(trade: etree._Element, letter: Letter) -> None:
    event = _add(_add(trade, "ram:ApplicableHeaderTradeDelivery"), "ram:RequestedDeliverySupplyChainEvent")
    if letter.delivery_date is not None:
        _add_day(event, "ram:OccurrenceDateTime", letter.delivery_date)
    if letter.periods is not None:
        during = _add(event, "ram:OccurrenceSpecifiedPeriod")
        _add_day(during, "ram:StartDateTime", letter.periods.start_date)
        _add_day(during, "ram:EndDateTime", letter.periods.end_date)


def _add_sums(settlement: etree._Element, letter: Letter) -> None:
    whole = letter.total or letter.amount
    summed = _add(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    _add(summed, "ram:LineTotalAmount", whole.excluding)
    _add(summed, "ram:TaxBasisTotalAmount", whole.excluding)
    taxes = sum((tax.amount for tax in whole.taxes), start=Decimal(0))
    _add(summed, "ram:TaxTotalAmount", taxes).set("currencyID", letter.currency)
    _add(summed, "ram:GrandTotalAmount", whole.including)


def _name(short: str) -> str:
    prefix, _, name = short.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{name}"


def _add(parent: etree._Element, name: str, text: object = "") -> etree._Element:
    """Add an element; one whose text is None is left out, and stands apart from the tree."""
    element = etree.Element(_name(name)) if text is None else etree.SubElement(parent, _name(name))
    if isinstance(text, Decimal):
        element.text = f"{text:f}"
    elif text not in {None, ""}:
        element.text = _NO_XML.sub("\ufffd", str(text))
    return element


def _add_day(parent: etree._Element, name: str, day: date) -> None:
    _add(_add(parent, name), "udt:DateTimeString", f"{day:%Y%m%d}").set("format", _DAY)
