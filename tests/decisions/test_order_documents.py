"""Orders as documents: made once, kept for ever, the same bytes for everybody who may read the order."""

import asyncio
import hashlib
import re
from typing import Any

import httpx2
import msgspec
import pypdfium2  # type: ignore[import-untyped]
from lxml import etree

from tests.cli.events import events_of
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_request
from tests.fixtures.lives import Live
from tests.fixtures.problems import refused

RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:128}"


def text_of(pdf: bytes) -> str:
    """Read what a PDF says, each run of white space as one space."""
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]
    return " ".join(" ".join(pages).replace("\u200b", "").split())


def order_x_of(pdf: bytes) -> etree._Element:
    """Read what is attached to a PDF."""
    attached = pypdfium2.PdfDocument(pdf).get_attachment(0)
    assert attached.get_name() == "order-x.xml"
    return etree.fromstring(bytes(attached.get_data()))


async def pdf_of(client: httpx2.AsyncClient, order: str) -> bytes:
    """Ask for the document of an order."""
    answer = await client.get(f"{order}/pdf")
    assert answer.status_code == 200, answer.text
    return answer.content


async def auto_approved(client: httpx2.AsyncClient, **changes: Any) -> str:  # noqa: ANN401  JSON
    """Have an order made at once; tell where it is."""
    return str((await make_request(client, **changes))["order"]["href"])


async def test_the_document_of_an_order_is_a_pdf_by_its_number(live: Live) -> None:
    life = await live("approved")
    number = (await life.submitter.get(life.order)).json()["number"]
    answer = await life.submitter.get(f"{life.order}/pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-1.7")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{number}.pdf"'
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-length"] == str(len(answer.content))
    unchanged = await life.submitter.get(f"{life.order}/pdf", headers={"If-None-Match": answer.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


async def test_it_declares_that_it_can_be_archived(live: Live) -> None:
    life = await live("approved")
    pdf = await pdf_of(life.submitter, life.order)
    assert re.search(rb"<pdfaid:part>3</pdfaid:part>\s*<pdfaid:conformance>B</pdfaid:conformance>", pdf)
    assert b"/AFRelationship /Alternative" in pdf or b"/AFRelationship/Alternative" in pdf


async def test_it_says_what_was_approved_and_by_whom(live: Live) -> None:
    taxes = [{"rateTypeId": 45, "value": 20}, {"rateTypeId": 2, "value": 1.1}]
    amount = {"excludingTaxes": {"value": 120, "currency": "EUR"}, "taxes": taxes}
    life = await live("approved", terms=ONE_TIME | {"amountIncludingTaxes": amount, "paymentMethod": "BankTransfer"})
    request = (await life.submitter.get(life.request)).json()
    text = text_of(await pdf_of(life.submitter, life.order))
    number = (await life.submitter.get(life.order)).json()["number"]
    for said in (
        *("Bon de commande", number, "Example SA", "Amazon", "Purchase entry test", "Olive Owner", "virement"),
        *("14 avril 2025", "120,00 €", "TVA 20 % (taux normal)", "20,00 €", "TVA 5,5 % (taux réduit)", "1,10 €"),
        *("141,10 €", "Approuvé par Alma Approver le", request["contentHash"]),
        f"https://{life.submitter.base_url.host}/verify/{number}",
    ):
        assert said in text
    assert "Comment" not in text, "what is said within the house is not for the supplier"


async def test_an_order_that_a_key_approved_says_so(client: httpx2.AsyncClient) -> None:
    order = await auto_approved(client)
    assert re.search(r"Approuvé par la clé Key \d+ le", text_of(await pdf_of(client, order)))


async def test_a_subscription_tells_its_periods_and_both_totals(live: Live) -> None:
    duration = {
        "contractualObligation": {"value": 6, "unit": "Month"},
        "terminationNotice": {"value": 1, "unit": "Month"},
    }
    life = await live("approved", terms=SUBSCRIPTION | duration)
    pdf = await pdf_of(life.submitter, life.order)
    text = text_of(pdf)
    for said in ("du 14 avril 2025 au 13 avril 2026", "tous les mois (12 périodes)", "12 mois", "1 000,00 €"):
        assert said in text.replace("\u202f", " ")
    assert "12 000,00 €" in text.replace("\u202f", " ")
    assert "13 octobre 2025" in text
    assert "1 mois, au plus tard le 13 septembre 2025" in text
    whole = order_x_of(pdf).find(f".//{RAM}SpecifiedTradeSettlementHeaderMonetarySummation")
    assert whole is not None
    assert [whole.findtext(f"{RAM}{name}") for name in ("LineTotalAmount", "TaxTotalAmount", "GrandTotalAmount")] == [
        *("12000.00", "0", "12000.00"),
    ]


async def test_suppliers_abroad_are_written_to_in_english(client: httpx2.AsyncClient) -> None:
    order = await auto_approved(client, supplier={"name": "Łódź Ωμέγα", "territoryId": "PL"})
    text = text_of(await pdf_of(client, order))
    assert "Purchase order" in text
    assert "Łódź Ωμέγα" in text
    assert "Approved by key Key" in text


async def test_its_bytes_never_change_whatever_becomes_of_the_supplier_and_the_order(live: Live) -> None:
    life = await live("approved")
    first = await pdf_of(life.submitter, life.order)
    renamed = await life.submitter.put(f"{API}/suppliers/6", json={"name": "Nile", "address": {"city": "Cairo"}})
    assert renamed.status_code == 200, renamed.text
    cancelled = await life.submitter.post(f"{life.request}/cancellations", json={"comment": "No"})
    assert cancelled.status_code == 201
    assert await pdf_of(life.submitter, life.order) == first


async def test_an_amended_order_has_another_document_that_says_what_holds_now(live: Live) -> None:
    life = await live("approved")
    first = await pdf_of(life.submitter, life.order)
    before = (await life.submitter.get(life.request)).json()["contentHash"]
    tag = (await life.submitter.get(life.commitment)).headers["ETag"]
    terms = ONE_TIME | {"amountIncludingTaxes": {"excludingTaxes": {"value": 150, "currency": "EUR"}}}
    asked = await life.submitter.post(f"{life.commitment}/amendments", json=terms, headers={"If-Match": tag})
    assert asked.status_code == 201, asked.text
    # Until it is approved, the first one holds.
    assert await pdf_of(life.submitter, life.order) == first
    assert (await life.approver.post(f"{API}/requests/{asked.json()['id']}/approvals", json={})).status_code == 201
    second = await pdf_of(life.submitter, life.order)
    assert second == await pdf_of(life.submitter, life.order)
    said = text_of(second)
    for words in ("150,00", "Modifié le", "remplace ce qui a été envoyé avant", "Alma Approver"):
        assert words in said
    assert "Modifié le" not in text_of(first)
    number = (await life.submitter.get(life.order)).json()["number"]
    verdicts = [
        "Number and hash match." in (await life.submitter.get(f"/verify/{number}", params={"hash": told})).text
        for told in (asked.json()["contentHash"], before)
    ]
    assert verdicts == [True, False]


async def test_an_order_that_was_cancelled_before_says_so(live: Live) -> None:
    life = await live("cancelled when approved")
    assert "Annulé le" in text_of(await pdf_of(life.submitter, life.order))


async def test_a_cancelled_order_says_what_was_ordered_whatever_the_purchase_is_now(live: Live) -> None:
    life = await live("cancelled when approved")
    changed = PURCHASE | {"title": "Something else", "supplier": {"name": "Somebody else", "territoryId": "DE"}}
    answer = await life.submitter.put(life.purchase, json=changed)
    assert answer.status_code == 200, answer.text
    text = text_of(await pdf_of(life.submitter, life.order))
    assert "Purchase entry test" in text
    assert "Amazon" in text
    assert "else" not in text


async def test_whoever_asks_first_at_the_same_time_gets_the_same_bytes(live: Live, company: Company) -> None:
    life = await live("approved")
    answers = await asyncio.gather(*(pdf_of(life.submitter, life.order) for _ in range(8)))
    assert len(set(answers)) == 1
    rows = await company.owner.fetch("SELECT sha256 FROM order_documents WHERE tenant_id = $1", company.tenant_id)
    assert [row["sha256"] for row in rows] == [hashlib.sha256(answers[0]).digest()]


async def test_making_it_is_an_event_with_its_hash(live: Live, company: Company, owner: OwnerConnection) -> None:
    life = await live("approved")
    pdf = await pdf_of(life.submitter, life.order)
    await pdf_of(life.submitter, life.order)
    made = [event for event in await events_of(owner, company.tenant_id) if event.type == "order.document_made"]
    assert [event.object_id for event in made] == [life.order_id]
    assert made[0].facts["order_document"]["sha256"] == f"\\x{hashlib.sha256(pdf).hexdigest()}"
    assert made[0].is_to_be_sealed


async def test_it_is_there_for_those_who_see_the_order_and_for_nobody_else(
    live: Live, company: Company, rival: Company
) -> None:
    life = await live("approved")
    await pdf_of(life.submitter, life.order)
    for wishes in ({"permissions": ("view:own",)}, {"permissions": ("view:own",), "person": 37}):
        async with await company.caller(**wishes) as stranger:
            refused(await stranger.get(f"{life.order}/pdf"), 404, "order.not_found")
    async with await company.caller(permissions=("manage",)) as manager:
        refused(await manager.get(f"{life.order}/pdf"), 403, "permission.missing")
    async with await rival.caller() as other:
        refused(await other.get(f"{life.order}/pdf"), 404, "order.not_found")
    assert await pdf_of(life.approver, life.order)


async def test_it_prints_what_is_known_of_both_sides(client: httpx2.AsyncClient, company: Company) -> None:
    said: dict[str, Any] = {
        "name": "Boulangerie Lefèvre",
        "territoryId": "FR",
        "address": {"street": "3 rue du Four", "additional": "Bâtiment B", "postalCode": "69001", "city": "Lyon"},
        "legalRegistration": {"identifier": "303 265 045", "vatNumber": "FR40303265045"},
        "paymentTerm": {"value": 30, "unit": "Day"},
        "orderConditions": {"fr": "Livrer avant 8 heures.\n\nSonner deux fois."},
    }
    made = await client.post(f"{API}/suppliers", json=said)
    assert made.status_code == 201, made.text
    assert made.json()["address"] == said["address"]
    assert made.json()["orderConditions"] == said["orderConditions"] | {"en": None}
    address = {"street": "1 rue de la Paix", "postal_code": "75002", "city": "Paris"}
    await company.owner.execute(
        """UPDATE establishments SET address = $2, registration_id = '73282932000074'
        WHERE tenant_id = $1 AND establishment_id = 1""",
        company.tenant_id,
        msgspec.json.encode(address).decode(),
    )
    order = await auto_approved(client, supplier={"id": made.json()["id"]})
    text = text_of(await pdf_of(client, order))
    for part in (
        *("Boulangerie Lefèvre", "3 rue du Four", "Bâtiment B", "69001 Lyon", "303265045", "FR40303265045"),
        *("30 jours après la facture", "Livrer avant 8 heures.", "Sonner deux fois."),
        *("1 rue de la Paix", "75002 Paris", "73282932000074"),
    ):
        assert part in text
