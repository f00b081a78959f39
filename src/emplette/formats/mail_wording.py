"""Mails in words: in English and in French, with amounts and dates as they are written there."""

from datetime import date, time
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency

from emplette.domain.mails import MailKind
from emplette.domain.money import Money
from emplette.domain.parties import Language
from emplette.formats.french import all_printed

WORDS: Final[dict[Language, dict[str, str]]] = {
    Language.ENGLISH: {
        "hello": "Hello {name},",
        "colon": ":",
        "asked": "{owner} asks for your approval.",
        "reminded": "{owner} still waits for your approval.",
        "approved": "This purchase is approved.",
        "denied": "This purchase is denied.",
        "cancelled": "The request for this purchase was withdrawn.",
        "mentioned": "You are mentioned in a comment.",
        "ending": "This subscription ends soon.",
        "ran_out": "This subscription has ended, and nobody had decided what becomes of it.",
        "amount": "Amount",
        "without_taxes": "excluding taxes",
        "supplier": "Supplier",
        "owner": "For",
        "cost_center": "Cost center",
        "nature": "Nature",
        "why": "Why",
        "by": "Decided by",
        "comment": "Comment",
        "last_safe_day": "Last safe day for the notice",
        "ends": "Ends on",
        "look": "Look at the request",
        "look_at_purchase": "Look at the purchase",
        "decide": "Decide without signing in",
        "decide_hint": "Works once, until {until}. Pass this mail on to nobody: who has the link decides for you.",
        "hash": "Content",
        "footer": "Emplette writes to you for {company}.",
        "wishes": "Which mails you get, and when",
        "digest_of": "{count} things to know of your purchases",
        "invited": "Choose your password: {company}",
        "invited_by": "{by} lets you in to the purchases of {company}",
        "invited_anyway": "You are let in to the purchases of {company}",
        "invited_text": "{opening}: choose a password, the first one or another. "
        "The link works once, until {until}. Pass this mail on to nobody: who has the link chooses for you.",
        "choose": "Choose a password",
        "test": "A mail from Emplette arrives",
        "test_text": "Mails of {company} reach this address.",
    },
    Language.FRENCH: all_printed(
        {
            "hello": "Bonjour {name},",
            "colon": " :",
            "asked": "{owner} demande votre approbation.",
            "reminded": "{owner} attend toujours votre approbation.",
            "approved": "Cet achat est approuvé.",
            "denied": "Cet achat est refusé.",
            "cancelled": "La demande pour cet achat a été retirée.",
            "mentioned": "Vous êtes mentionné dans un commentaire.",
            "ending": "Cet abonnement se termine bientôt.",
            "ran_out": "Cet abonnement est terminé sans que personne n’ait décidé de la suite.",
            "amount": "Montant",
            "without_taxes": "hors taxes",
            "supplier": "Fournisseur",
            "owner": "Pour",
            "cost_center": "Centre de coûts",
            "nature": "Nature",
            "why": "Motif",
            "by": "Décision de",
            "comment": "Commentaire",
            "last_safe_day": "Dernier jour sûr pour le préavis",
            "ends": "Se termine le",
            "look": "Voir la demande",
            "look_at_purchase": "Voir l’achat",
            "decide": "Décider sans se connecter",
            "decide_hint": "Utilisable une fois, jusqu’au {until}. Ne transférez pas ce message : qui a le lien décide "
            "pour vous.",
            "hash": "Contenu",
            "footer": "Emplette vous écrit pour {company}.",
            "wishes": "Quels messages vous recevez, et quand",
            "digest_of": "{count} nouvelles de vos achats",
            "invited": "Choisissez votre mot de passe : {company}",
            "invited_by": "{by} vous ouvre les achats de {company}",
            "invited_anyway": "Les achats de {company} vous sont ouverts",
            "invited_text": "{opening} : choisissez un mot de passe, le premier ou un autre. "
            "Le lien sert une fois, jusqu’au {until}. Ne transférez pas ce message : qui a le lien choisit pour vous.",
            "choose": "Choisir un mot de passe",
            "test": "Un message d’Emplette arrive",
            "test_text": "Les messages de {company} arrivent à cette adresse.",
        }
    ),
}
"""What mails say, by language."""

SUBJECTS: Final[dict[Language, dict[str, str]]] = {
    Language.ENGLISH: {
        MailKind.ASKED: "Please approve: {title}",
        MailKind.REMINDED: "Still waiting for you: {title}",
        MailKind.MENTIONED: "You are mentioned: {title}",
        MailKind.ENDING: "Ends soon: {title}",
        "approved": "Approved: {title}",
        "denied": "Denied: {title}",
        "cancelled": "Withdrawn: {title}",
        "ran_out": "Has ended: {title}",
    },
    Language.FRENCH: all_printed(
        {
            MailKind.ASKED: "À approuver : {title}",
            MailKind.REMINDED: "Toujours en attente : {title}",
            MailKind.MENTIONED: "Vous êtes mentionné : {title}",
            MailKind.ENDING: "Se termine bientôt : {title}",
            "approved": "Approuvé : {title}",
            "denied": "Refusé : {title}",
            "cancelled": "Retiré : {title}",
            "ran_out": "Terminé : {title}",
        }
    ),
}
"""The subjects, by language and by what is told."""

_LOCALES: Final = {Language.ENGLISH: Locale.parse("en_GB"), Language.FRENCH: Locale.parse("fr_FR")}


def money(amount: Money, language: Language) -> str:
    """Write an amount with all of its currency's decimals."""
    decimals, locale = amount.currency.decimals, _LOCALES[language]
    form = locale.currency_formats["standard"].pattern.replace(".00", f".{'0' * decimals}" if decimals else "")
    return format_currency(amount.decimal, amount.currency.code, form, locale=locale, currency_digits=False)


def day(on: date, language: Language) -> str:
    """Write a day."""
    return format_date(on, "long", locale=_LOCALES[language])


def moment(on: date, at: time, language: Language) -> str:
    """Write a moment, to the minute."""
    return f"{day(on, language)}, {at:%H:%M}"
