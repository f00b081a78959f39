"""Orders as suppliers read them: in their language, to the cent, whatever people write; and templates that break."""

import hashlib
import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.order_documents import Letter, Party, Sums, Tax
from emplette.domain.parties import Language, PostalAddress
from emplette.domain.suppliers import PaymentMethod
from emplette.formats.order_documents import SHIPPED, TemplateFailed
from emplette.formats.order_signs import plainest
from emplette.formats.order_wording import WORDS, shown
from tests.fixtures.letters import LETTER, NORMAL, YEARLY, attached_to, printed, text_of


def abroad(territory: str, letter: Letter = LETTER) -> Letter:
    """Send it to a supplier somewhere else, in English."""
    supplier = replace(letter.supplier, territory_id=territory)
    return replace(letter, language=Language.ENGLISH, supplier=supplier)


def said(letter: Letter) -> str:
    """Read the document of an order, spaces of every width as one."""
    return text_of(printed(letter)["pdf"])


def test_each_language_has_a_word_for_everything() -> None:
    assert set(WORDS[Language.FRENCH]) == set(WORDS[Language.ENGLISH])
    assert set(WORDS) == set(Language)


def test_a_french_order_says_everything_in_french() -> None:
    text = said(LETTER)
    for part in (
        *("Bon de commande", "PO-000042", "Acme SAS", "1 rue de la Paix", "Bâtiment B", "75002 Paris", "303265045"),
        *("Amazon", "92110 Clichy", "30326504500012", "FR40303265045", "14 avril 2025", "30 avril 2025", "Zoé Lambert"),
        *("virement", "30 jours après la facture", "Licences, 25 utilisateurs", "1 200,00 €", "TVA 20 % (taux normal)"),
        *("240,00 €", "1 440,00 €", "Paiement à 30 jours.", "Livraison avant midi.", LETTER.content_hash),
        *("Approuvé par Alma Approver le 14 avril 2025, 14:06", LETTER.verify_url, "Page 1 sur 1"),
    ):
        assert part in text


def test_a_subscription_says_when_and_how_often() -> None:
    text = said(YEARLY)
    for part in (
        *("du 31 janvier 2025 au 30 janvier 2026", "1 an", "tous les 3 mois (4 périodes)", "1 février 2025"),
        *("2 semaines, au plus tard le 16 janvier 2026", "4 800,00 €", "960,00 €", "5 760,00 €", "1 440,00 €"),
    ):
        assert part in text
    english = replace(YEARLY, language=Language.ENGLISH, supplier=replace(LETTER.supplier, territory_id="GB"))
    assert "every 3 months (4 periods)" in said(english)


@pytest.mark.parametrize(
    ("frequency", "count", "expected"),
    [
        (Duration(1, TimeUnit.MONTH), 12, "tous les mois (12 périodes)"),
        (Duration(1, TimeUnit.YEAR), 1, "tous les ans (1 période)"),
        (Duration(2, TimeUnit.WEEK), 26, "toutes les 2 semaines (26 périodes)"),
        (Duration(2000, TimeUnit.DAY), 2000, "tous les 2\u202f000 jours (2\u202f000 périodes)"),
    ],
)
def test_a_frequency_reads_as_people_say_it(frequency: Duration, count: int, expected: str) -> None:
    assert YEARLY.periods is not None
    letter = replace(YEARLY, periods=replace(YEARLY.periods, frequency=frequency, count=count))
    assert " ".join(expected.split()) in _fact(letter, "Facturation")


def _fact(letter: Letter, name: str) -> str:
    facts = {fact["name"]: fact["text"] for fact in shown(letter)["facts"]}
    return " ".join(str(facts[name]).split())


@pytest.mark.parametrize(
    ("territory", "amount", "day"),
    [
        ("DE", "1.440,00 €", "14 April 2025"),
        ("GB", "€1,440.00", "14 April 2025"),
        ("US", "€1,440.00", "April 14, 2025"),
        ("XI", "€1,440.00", "14 April 2025"),
        ("GR", "1,440.00 €", "14 April 2025"),
    ],
)
def test_amounts_and_dates_are_written_as_where_the_supplier_is(territory: str, amount: str, day: str) -> None:
    text = said(abroad(territory))
    assert amount in text
    assert day in text
    assert "Approved by Alma Approver on" in text


@pytest.mark.parametrize(
    ("currency", "decimals", "value", "expected"),
    [("JPY", 0, "1440", "¥1,440"), ("TND", 3, "1440.125", "TND1,440.125"), ("HUF", 2, "0.50", "HUF0.50")],
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, decimals: int, value: str, expected: str) -> None:
    amount = Sums(Decimal(value), (), Decimal(value))
    told = shown(abroad("GB", replace(LETTER, currency=currency, decimals=decimals, amount=amount)))
    assert "".join(told["amount"]["including"].split()).replace("JP¥", "¥") == expected


def test_the_largest_amount_is_exact() -> None:
    largest = Sums(Decimal("9999999999999.99"), (), Decimal("9999999999999.99"))
    assert "9 999 999 999 999,99 €" in said(replace(LETTER, amount=largest))


def test_a_tax_is_named_by_its_rate_and_where_it_is_due_when_that_is_elsewhere() -> None:
    taxes = (
        NORMAL,
        Tax("Reduced", Decimal("0.055"), "FR", Decimal(1)),
        Tax("Normal", Decimal("0.081"), "CH", Decimal(1)),
        Tax("Éco", Decimal("0.0175"), "FR", Decimal(1)),
        Tax("", None, "", Decimal(1)),
    )
    names = [
        tax["name"] for tax in shown(replace(LETTER, amount=replace(LETTER.amount, taxes=taxes)))["amount"]["taxes"]
    ]
    assert [" ".join(name.split()) for name in names] == [
        *(
            "TVA 20 % (taux normal)",
            "TVA 5,5 % (taux réduit)",
            "TVA 8,1 % (taux normal, Suisse)",
            "TVA 1,75 % (Éco)",
            "TVA",
        ),
    ]


def test_a_draft_supplier_and_a_bare_company_make_an_order_too() -> None:
    bare = Party("Chez Zoé", None, None, "FR", None, None)
    letter = replace(
        *(LETTER,), buyer=bare, supplier=bare, conditions=None, payment_method=None, payment_term=None, approvals=()
    )
    assert said(letter).count("Chez Zoé") >= 2


@pytest.mark.parametrize("method", PaymentMethod)
@pytest.mark.parametrize("language", Language)
def test_every_way_to_pay_has_a_word(method: PaymentMethod, language: Language) -> None:
    told = shown(replace(LETTER, language=language, payment_method=method))
    assert WORDS[language]["payment_method"] in [fact["name"] for fact in told["facts"]]


def test_who_is_paid_at_once_reads_so() -> None:
    assert (
        _fact(replace(LETTER, payment_term=Duration(0, TimeUnit.DAY)), "Délai de paiement")
        == "à réception de la facture"
    )


def test_a_cancelled_order_says_so_at_its_head() -> None:
    assert "Annulé le 20 avril 2025" in said(replace(LETTER, cancelled_on=date(2025, 4, 20)))


@pytest.mark.parametrize(
    "text",
    [
        "Ελληνική Εταιρεία",
        "Zażółć gęślą jaźń",
        "Ștefan Țânțar",
        "Ћирилица",
        "Việt Nam",
        "#let x = panic() $x$ *b* `c`",
    ],
)
def test_what_people_write_is_shown_as_they_wrote_it(text: str) -> None:
    assert text in said(replace(LETTER, title=text))


def test_signs_that_no_font_has_are_shown_as_one_that_stands_for_them() -> None:
    letter = replace(LETTER, title="漢字 🎉 \u0378", contact="王", buyer=replace(LETTER.buyer, name="\ue000"))
    pdf = printed(letter)["pdf"]
    assert "\ufffd\ufffd \ufffd \ufffd" in text_of(pdf)
    assert "漢字 🎉 \u0378" in attached_to(pdf).decode(), "programs read what was written"


@pytest.mark.parametrize(
    ("text", "shown_as"),
    [
        ("a\u20e3a", "\ufffda"),
        ("1\ufe0f\u20e31", "\ufffd1"),
        ("".join(map(chr, range(0x4E00, 0x5000))), "\ufffd" * 512),
        ("x\u0378" * 400, "x\ufffd" * 400),
    ],
    ids=["a mark", "a key", "many", "by turns"],
)
def test_whatever_cannot_be_shown_makes_no_order_unprintable(text: str, shown_as: str) -> None:
    assert shown_as in "".join(said(replace(LETTER, contact=text)).split())


@settings(max_examples=25)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200))
def test_whatever_people_may_write_can_be_printed(text: str) -> None:
    letter = replace(LETTER, title=text, supplier=replace(LETTER.supplier, name=text), conditions=text)
    assert printed(letter)["pdf"].startswith(b"%PDF-")


def test_the_plainest_text_keeps_the_letters_of_europe() -> None:
    text = {"title": "Žluťoučký kůň, Ωμέγα, Ћирилица: 12 € «x» 漢\u20e3", "lines": ["e\u0301\u0378", None, 7]}
    assert plainest(text) == {"title": "Žluťoučký kůň, Ωμέγα, Ћирилица: 12 € «x» ??", "lines": ["é?", None, 7]}


def test_what_steers_the_direction_of_writing_ends_with_its_text() -> None:
    told = shown(replace(LETTER, title="\u202eevil", contact="plain"))
    assert told["title"] == "\u2068\u202eevil\u2069"
    assert _fact(replace(LETTER, contact="plain"), "Commandé par") == "plain"


@pytest.mark.parametrize(
    "letter",
    [
        replace(LETTER, title="W" * 1000),
        replace(LETTER, title="Une désignation assez longue " * 34),
        replace(LETTER, contact="M" * 60, buyer=replace(LETTER.buyer, name="N" * 60, site="W" * 255)),
        replace(LETTER, supplier=replace(LETTER.supplier, name="Δ" * 255, address=PostalAddress(*["y" * 255] * 4))),
        replace(LETTER, conditions="Une condition. " * 660),
    ],
    ids=["one word", "many words", "names", "address", "conditions"],
)
def test_nothing_that_people_write_leaves_the_page(letter: Letter) -> None:
    for page in pypdfium2.PdfDocument(printed(letter)["pdf"]):
        width, height = page.get_size()
        text = page.get_textpage()
        boxes = [text.get_charbox(number) for number in range(text.count_chars())]
        assert all(0 <= left <= right <= width and 0 <= bottom <= top <= height for left, bottom, right, top in boxes)
        # Between the margins, which nothing of the text may touch.
        assert max((right for left, _, right, _ in boxes if right > left), default=0) <= width - 45


def test_the_same_order_at_the_same_moment_is_the_same_document() -> None:
    assert printed(LETTER) == printed(LETTER)


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    return folder


def test_a_template_of_ones_own_is_used_with_what_lies_beside_it(templates: Path) -> None:
    (templates / "house.txt").write_text("Maison fondée en 1890", encoding="utf-8")
    own = b'#let order = json(bytes(sys.inputs.order))\n#order.number #read("house.txt")'
    (templates / "order.typ").write_bytes(own)
    made = printed(LETTER, templates)
    assert text_of(made["pdf"]) == "PO-000042 Maison fondée en 1890"
    assert (made["template"], made["template_sha256"]) == ("own", hashlib.sha256(own).digest())
    assert attached_to(made["pdf"]) == attached_to(printed(LETTER)["pdf"]), "the attachment is no matter of templates"


def test_ours_is_used_where_there_is_no_other(templates: Path) -> None:
    made = printed(LETTER, templates)
    assert made["template"] == "emplette"
    assert made["template_sha256"] == hashlib.sha256((SHIPPED / "order.typ").read_bytes()).digest()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("#let x = (\n", "order.typ:1:9: unclosed delimiter"),
        ("Bonjour\n#inconnu", "order.typ:2:1: unknown variable: inconnu"),
        ('#read("../secret.txt")', "would escape the project root"),
        ('#read("/../secret.txt")', "would escape the project root"),
        ('#read("/etc/passwd")', "file not found"),
        ('#import "@preview/tablex:0.0.8": *', "failed to download package"),
        ("#let f(x) = f(x + 1)\n#f(1)", "maximum function call depth exceeded"),
        ('#panic("pas prêt")', "pas prêt"),
    ],
)
def test_a_broken_template_says_what_is_wrong_and_where(templates: Path, source: str, reason: str) -> None:
    (templates / "order.typ").write_text(source, encoding="utf-8")
    with pytest.raises(TemplateFailed) as broken:
        printed(LETTER, templates)
    assert reason in str(broken.value)
    assert str(templates) not in str(broken.value), "where it lies on the server is nobody's business"


def test_nothing_is_looked_for_in_the_network_and_others_may(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("ALL_PROXY", raising=False)
    (templates / "order.typ").write_text('#import "@preview/tablex:0.0.8": *', encoding="utf-8")
    with pytest.raises(TemplateFailed, match="Connection refused"):
        printed(LETTER, templates)
    assert (os.environ["HTTPS_PROXY"], os.environ.get("ALL_PROXY")) == ("http://127.0.0.1:1", None)


def test_a_template_that_is_no_text_is_broken(templates: Path) -> None:
    (templates / "order.typ").write_bytes(b"\xff\xfe")
    with pytest.raises(TemplateFailed, match="file is not valid UTF-8"):
        printed(LETTER, templates)
