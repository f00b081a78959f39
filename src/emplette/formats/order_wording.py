"""Orders in words: in French and in English, with amounts and dates as they are written where the supplier is."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal
from babel.units import format_unit

from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.order_documents import Approval, Letter, Party, Periods, Sums, Tax
from emplette.domain.parties import Language
from emplette.domain.suppliers import PaymentMethod

WORDS: Final[dict[Language, dict[str, str]]] = {
    Language.FRENCH: {
        "order": "Bon de commande",
        "buyer": "Acheteur",
        "supplier": "Fournisseur",
        "registration": "Immatriculation",
        "vat_number": "N° TVA",
        "ordered_on": "Date de commande",
        "contact": "Commandé par",
        "delivery_date": "Livraison le",
        "invoice_date": "Facturation le",
        "period": "Période",
        "frequency": "Facturation",
        "duration": "Durée",
        "notice": "Préavis",
        "contractual_end_date": "Engagement jusqu’au",
        "first_invoice_date": "Première facture le",
        "payment_method": "Mode de paiement",
        "payment_term": "Délai de paiement",
        "description": "Désignation",
        "quantity": "Quantité",
        "unit_price": "Prix unitaire HT",
        "line_total": "Montant HT",
        "per_period": "Par période",
        "excluding": "Total HT",
        "including": "Total TTC",
        "tax": "TVA",
        "no_tax": "sans TVA",
        "currency": "Montants en",
        "conditions": "Conditions d’achat",
        "approval": "Approbation",
        "verify": "Vérifier ce bon de commande",
        "verify_hint": "Cette page dit si le numéro et l’empreinte se correspondent.",
        "content_hash": "Empreinte",
        "cancelled": "Annulé le",
        "amended": "Modifié le",
        "replaces": "remplace ce qui a été envoyé avant",
        "page": "Page",
        "of": "sur",
    },
    Language.ENGLISH: {
        "order": "Purchase order",
        "buyer": "Buyer",
        "supplier": "Supplier",
        "registration": "Registration",
        "vat_number": "VAT number",
        "ordered_on": "Order date",
        "contact": "Ordered by",
        "delivery_date": "Delivery on",
        "invoice_date": "Invoice on",
        "period": "Period",
        "frequency": "Invoiced",
        "duration": "Duration",
        "notice": "Notice",
        "contractual_end_date": "Committed until",
        "first_invoice_date": "First invoice on",
        "payment_method": "Payment by",
        "payment_term": "Payment term",
        "description": "Description",
        "quantity": "Quantity",
        "unit_price": "Unit price excl. tax",
        "line_total": "Amount excl. tax",
        "per_period": "Per period",
        "excluding": "Total excl. tax",
        "including": "Total incl. tax",
        "tax": "VAT",
        "no_tax": "no VAT",
        "currency": "Amounts in",
        "conditions": "Terms of purchase",
        "approval": "Approval",
        "verify": "Verify this purchase order",
        "verify_hint": "That page says whether number and hash belong together.",
        "content_hash": "Hash",
        "cancelled": "Cancelled on",
        "amended": "Amended on",
        "replaces": "replaces what was sent before",
        "page": "Page",
        "of": "of",
    },
}
"""What the template calls things, by language."""

_METHODS: Final[dict[Language, dict[PaymentMethod, str]]] = {
    Language.FRENCH: {
        PaymentMethod.BANK_TRANSFER: "virement",
        PaymentMethod.PHYSICAL_CARD: "carte bancaire",
        PaymentMethod.CHECK: "chèque",
        PaymentMethod.DIRECT_DEBIT: "prélèvement",
        PaymentMethod.SINGLE_USE_CARD: "carte à usage unique",
    },
    Language.ENGLISH: {
        PaymentMethod.BANK_TRANSFER: "bank transfer",
        PaymentMethod.PHYSICAL_CARD: "card",
        PaymentMethod.CHECK: "cheque",
        PaymentMethod.DIRECT_DEBIT: "direct debit",
        PaymentMethod.SINGLE_USE_CARD: "single-use card",
    },
}
_APPROVED: Final = {
    Language.FRENCH: ("Approuvé par {by} le {at}", "Approuvé par la clé {by} le {at}"),
    Language.ENGLISH: ("Approved by {by} on {at}", "Approved by key {by} on {at}"),
}
_PHRASES: Final[dict[Language, dict[str, str]]] = {
    Language.FRENCH: {
        "every": "tous les {count} {unit}",
        "every_week": "toutes les {count} {unit}",
        "from_to": "du {first} au {last}",
        "after_invoice": "{duration} après la facture",
        "at_once": "à réception de la facture",
        "periods": "{count} périodes",
        "one_period": "1 période",
        "notice_by": "{duration}, au plus tard le {last}",
    },
    Language.ENGLISH: {
        "every": "every {count} {unit}",
        "every_week": "every {count} {unit}",
        "from_to": "{first} to {last}",
        "after_invoice": "{duration} after the invoice",
        "at_once": "on receipt of the invoice",
        "periods": "{count} periods",
        "one_period": "1 period",
        "notice_by": "{duration}, by {last} at the latest",
    },
}
# Once a period: what is said shorter than "every 1 month".
_EVERY_ONE: Final = {
    Language.FRENCH: {
        "Day": "tous les jours",
        "Week": "toutes les semaines",
        "Month": "tous les mois",
        "Year": "tous les ans",
    },
    Language.ENGLISH: {"Day": "every day", "Week": "every week", "Month": "every month", "Year": "every year"},
}
# The names of rates that come with Emplette; a company's own stay as it gave them.
_RATES: Final = {
    "Normal": "taux normal",
    "Intermediate": "taux intermédiaire",
    "Reduced": "taux réduit",
    "Super-reduced": "taux super-réduit",
    "Parking": "taux parking",
    "Zero": "taux zéro",
}
_COUNTRIES: Final = {"FR-20R": "FR", "XI": "GB", "EL": "GR"}
_ELSEWHERE: Final = {Language.FRENCH: "fr_FR", Language.ENGLISH: "en_150"}
_FINEST: Final = "0.######"
_STEERING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def country_of(territory_id: str) -> str:
    """Name the country of a territory, by two letters of ISO 3166-1."""
    return _COUNTRIES.get(territory_id, territory_id)


def isolated(text: str) -> str:
    """Keep what steers the direction of writing in a text from steering what stands around it."""
    return f"\u2068{text}\u2069" if _STEERING.search(text) else text


def shown(letter: Letter) -> dict[str, Any]:
    """Put an order into words: what the template is given, text by text."""
    say = _Wording(letter)
    return {
        "language": str(letter.language),
        "region": say.region,
        "words": WORDS[letter.language],
        "number": letter.number,
        "title": isolated(letter.title),
        "buyer": say.party(letter.buyer),
        "supplier": say.party(letter.supplier),
        "facts": [{"name": WORDS[letter.language][name], "text": text} for name, text in say.facts()],
        "quantity": say.quantity(),
        "amount": say.sums(letter.amount),
        "total": None if letter.total is None else say.sums(letter.total),
        "currency": letter.currency,
        "conditions": None if letter.conditions is None else letter.conditions.splitlines(),
        "approvals": [say.approval(made) for made in letter.approvals],
        "content_hash": letter.content_hash,
        "verify_url": letter.verify_url,
        "cancelled_on": None if letter.cancelled_on is None else say.day(letter.cancelled_on),
        "amended_on": None if letter.amended_on is None else say.day(letter.amended_on),
    }


@dataclass(frozen=True, slots=True)
class _Wording:
    letter: Letter

    @property
    def language(self) -> Language:
        return self.letter.language

    @property
    def region(self) -> str:
        return country_of(self.letter.supplier.territory_id)

    @property
    def locale(self) -> Locale:
        """How things are written where the supplier is; where nobody has written that down, as in Europe."""
        try:
            return Locale.parse(f"{self.language}_{self.region}")
        except (UnknownLocaleError, ValueError):
            return Locale.parse(_ELSEWHERE[self.language])

    def phrase(self, name: str, **parts: object) -> str:
        return _PHRASES[self.language][name].format(**parts)

    def money(self, amount: Decimal) -> str:
        """Write an amount with all the decimals that its currency has, by ISO 4217."""
        decimals = "0" * self.letter.decimals
        pattern = self.locale.currency_formats["standard"].pattern.replace("0.00", f"0.{decimals}".rstrip("."))
        return format_currency(amount, self.letter.currency, pattern, locale=self.locale, currency_digits=False)

    def percent(self, fraction: Decimal) -> str:
        pattern = self.locale.percent_formats[None].pattern.replace("##0", f"##{_FINEST}")
        return format_decimal(fraction, pattern, locale=self.locale)

    def number(self, count: int) -> str:
        return format_decimal(count, locale=self.locale)

    def day(self, on: date) -> str:
        return format_date(on, "long", locale=self.locale)

    def moment(self, at: datetime) -> str:
        hours = "HH:mm" if self.language is Language.FRENCH else "short"
        return f"{self.day(at.date())}, {format_time(at.timetz(), hours, locale=self.locale)}"

    def duration(self, duration: Duration) -> str:
        return format_unit(duration.value, f"duration-{duration.unit.lower()}", "long", locale=self.locale)

    def every(self, frequency: Duration) -> str:
        if frequency.value == 1:
            return _EVERY_ONE[self.language][frequency.unit]
        count, unit = self.duration(frequency).rsplit(maxsplit=1)
        return self.phrase("every_week" if frequency.unit is TimeUnit.WEEK else "every", count=count, unit=unit)

    def quantity(self) -> str:
        return "1" if self.letter.periods is None else self.number(self.letter.periods.count)

    def party(self, party: Party) -> dict[str, Any]:
        address = party.address
        town = "" if address is None else " ".join(filter(None, (address.postal_code, address.city)))
        lines = [] if address is None else [address.street, address.additional, town]
        country = self.locale.territories.get(country_of(party.territory_id), party.territory_id)
        numbers = {"registration": party.registration_id, "vat_number": party.vat_number}
        words = WORDS[self.language]
        return {
            "name": isolated(party.name),
            "site": None if party.site is None else isolated(party.site),
            "lines": [isolated(line) for line in (*lines, country) if line],
            "numbers": [{"name": words[name], "text": isolated(number)} for name, number in numbers.items() if number],
        }

    def facts(self) -> list[tuple[str, str]]:
        """List what there is to say beside the amounts, in the order in which it is read."""
        letter = self.letter
        told: list[tuple[str, str | None]] = [
            ("ordered_on", self.day(letter.ordered_on)),
            ("contact", isolated(letter.contact)),
            ("delivery_date", None if letter.delivery_date is None else self.day(letter.delivery_date)),
            ("invoice_date", None if letter.invoice_date is None else self.day(letter.invoice_date)),
            *([] if letter.periods is None else self.facts_of(letter.periods)),
            ("payment_method", _METHODS[self.language].get(letter.payment_method) if letter.payment_method else None),
            ("payment_term", None if letter.payment_term is None else self.term(letter.payment_term)),
        ]
        return [(name, text) for name, text in told if text]

    def facts_of(self, periods: Periods) -> list[tuple[str, str | None]]:
        first, last = self.day(periods.start_date), self.day(periods.end_date)
        count = (
            self.phrase("one_period")
            if periods.count == 1
            else self.phrase("periods", count=self.number(periods.count))
        )
        bound, notice, by = periods.contractual_end_date, periods.notice, periods.last_notice_date
        return [
            ("period", self.phrase("from_to", first=first, last=last)),
            ("duration", self.duration(periods.duration)),
            ("frequency", f"{self.every(periods.frequency)} ({count})"),
            ("first_invoice_date", self.day(periods.first_invoice_date)),
            ("contractual_end_date", None if bound is None else self.day(bound)),
            (
                "notice",
                None
                if notice is None or by is None
                else self.phrase("notice_by", duration=self.duration(notice), last=self.day(by)),
            ),
        ]

    def term(self, term: Duration) -> str:
        return self.phrase("after_invoice", duration=self.duration(term)) if term.value else self.phrase("at_once")

    def sums(self, sums: Sums) -> dict[str, Any]:
        return {
            "excluding": self.money(sums.excluding),
            "taxes": [{"name": self.tax(tax), "text": self.money(tax.amount)} for tax in sums.taxes],
            "including": self.money(sums.including),
        }

    def tax(self, tax: Tax) -> str:
        """Name a tax by its rate; one of another place than the supplier's by that place as well."""
        french = self.language is Language.FRENCH
        name = _RATES.get(tax.name, tax.name) if french else tax.name
        rate = "" if tax.percentage is None else f" {self.percent(tax.percentage)}"
        country, here = country_of(tax.territory_id), country_of(self.letter.supplier.territory_id)
        place = self.locale.territories.get(country, country) if tax.territory_id and country != here else ""
        about = ", ".join(filter(None, (name, place)))
        return f"{WORDS[self.language]['tax']}{rate}{f' ({about})' if about else ''}"

    def approval(self, made: Approval) -> str:
        by_person, by_key = _APPROVED[self.language]
        return (by_key if made.is_key else by_person).format(by=isolated(made.by), at=self.moment(made.at))
