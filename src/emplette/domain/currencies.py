"""The currencies of the wire: what their smallest coin is, and when they were money.

The codes are those of the API's enum, in its order, and the five that ISO 4217 has added since. The enum is older
than some money and younger than other: it holds units that have ended, which are accepted for the days on which they
were money, and units that never were (metals, funds, test codes), which are known for reading only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency; two are the same when their codes are."""

    code: str
    decimals: int = field(compare=False, repr=False)
    """How many decimals its smallest coin has (the exponent of ISO 4217)."""
    money_from: date | None = field(default=None, compare=False, repr=False)
    """The first day on which it was money; None when that was before anything bought here."""
    money_until: date | None = field(default=None, compare=False, repr=False)
    """The last day on which it was money; None while it is."""
    is_refused: bool = field(default=False, compare=False, repr=False)
    """Whether nothing is ever bought in it: metals, funds, test codes, Invalid."""
    is_ours: bool = field(default=False, compare=False, repr=False)
    """Whether it is current in ISO 4217 and missing from the API's own enum."""

    def is_money_on(self, day: date) -> bool:
        """Tell whether something could be bought in it on that day."""
        if self.is_refused:
            return False
        return (self.money_from or date.min) <= day <= (self.money_until or date.max)

    def __str__(self) -> str:
        return self.code


_ENUM: Final = """
    Invalid ALL DZD ARS AUD BSD BHD BDT AMD BBD BMD BTN BOB BWP BZD SBD BND MMK BIF KHR CAD CVE KYD LKR CLP CNY COP KMF
    CRC HRK CUP CZK DKK DOP SVC ETB ERN FKP FJD DJF GMD GIP GTQ GNF GYD HTG HNL HKD HUF ISK INR IDR IRR IQD ILS JMD JPY
    KZT JOD KES KPW KRW KWD KGS LAK LBP LSL LVL LRD LYD LTL MOP MWK MYR MVR MRO MUR MXN MNT MDL MAD OMR NAD NPR ANG AWG
    VUV NZD NIO NGN NOK PKR PAB PGK PYG PEN PHP QAR RUB RWF SHP STD SAR SCR SLL SGD VND SOS ZAR SSP SZL SEK CHF SYP THB
    TOP TTD AED TND UGX MKD EGP GBP TZS USD UYU UZS WST YER ZMK TWD UYW VES MRU STN CUC ZWL BYN TMT GHS VEF SDG UYI RSD
    MZN AZN RON CHE CHW TRY XAF XCD XOF XPF XBA XBB XBC XBD XAU XDR XAG XPT XTS XPD XUA ZMW SRD MGA COU AFN TJS AOA BYR
    BGN CDF BAM EUR MXV UAH GEL BOV PLN BRL CLF XSU USN XXX
"""
_OURS: Final = "SLE VED XAD XCG ZWG"

# Two decimals is the rule; the metals and baskets have no coin at all.
_DECIMALS: Final = {
    0: """BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
          Invalid XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX""",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

_REFUSED: Final = "Invalid XAU XAG XPT XPD XDR XSU XUA XBA XBB XBC XBD XTS XXX BOV CHE CHW CLF COU MXV USN UYI UYW"

# Where the successor came on one day, the day before; where both were legal tender for a while, the last day of that.
# For those who joined the euro it is the eve: in the two weeks after, only notes and coins changed hands.
_MONEY_UNTIL: Final = {
    "ANG": date(2025, 6, 30),  # Three months beside XCG (Centrale Bank van Curaçao en Sint Maarten).
    "BGN": date(2025, 12, 31),  # Council Decision (EU) 2025/1407: the euro from 2026-01-01.
    "BYR": date(2016, 12, 31),  # Six months beside BYN (decree 450 of 2015).
    "CUC": date(2021, 6, 30),  # Six months beside CUP after the unification of 2021-01-01 (decree-law 17 of 2020).
    "HRK": date(2022, 12, 31),  # Council Decision (EU) 2022/1211: the euro from 2023-01-01.
    "LTL": date(2014, 12, 31),  # Council Decision 2014/509/EU: the euro from 2015-01-01.
    "LVL": date(2013, 12, 31),  # Council Decision 2013/387/EU: the euro from 2014-01-01.
    "MRO": date(2018, 6, 30),  # Half a year beside MRU (Unicode CLDR's dates of legal tender).
    "SLL": date(2023, 12, 31),  # Beside SLE since 2022 (Bank of Sierra Leone, ISO 4217 list three).
    "STD": date(2017, 12, 31),  # ISO 4217 list three; a thousand to one STN.
    "VEF": date(2018, 12, 5),  # The larger notes stayed tender beside VES (Banco Central de Venezuela).
    "ZMK": date(2013, 6, 30),  # Six months beside ZMW (Re-denomination of Currency Act 2012).
    "ZWL": date(2024, 8, 31),  # ISO 4217 list three; the ZWG came in April.
}
_MONEY_FROM: Final = {
    "AFN": date(2002, 10, 7),
    "AZN": date(2006, 1, 1),
    "BYN": date(2016, 7, 1),
    "BYR": date(2000, 1, 1),
    "EUR": date(1999, 1, 1),
    "GHS": date(2007, 7, 3),
    "MRU": date(2018, 1, 1),
    "MZN": date(2006, 7, 1),
    "RON": date(2005, 7, 1),
    "SDG": date(2007, 1, 10),
    "SLE": date(2022, 7, 1),
    "SRD": date(2004, 1, 1),
    "SSP": date(2011, 7, 18),
    "STN": date(2018, 1, 1),
    "TJS": date(2000, 10, 26),
    "TMT": date(2009, 1, 1),
    "TRY": date(2005, 1, 1),
    "VED": date(2021, 10, 1),
    "VEF": date(2008, 1, 1),
    "VES": date(2018, 8, 20),
    "XCG": date(2025, 3, 31),
    "ZMW": date(2013, 1, 1),
    "ZWG": date(2024, 4, 5),
    "ZWL": date(2009, 2, 2),
}


def _table() -> Mapping[str, Currency]:
    decimals = {code: number for number, codes in _DECIMALS.items() for code in codes.split()}
    refused = _REFUSED.split()
    ours = _OURS.split()
    return MappingProxyType(
        {
            code: Currency(
                code,
                decimals.get(code, 2),
                money_from=_MONEY_FROM.get(code),
                money_until=_MONEY_UNTIL.get(code),
                is_refused=code in refused,
                is_ours=code in ours,
            )
            for code in (*_ENUM.split(), *ours)
        }
    )


CURRENCIES: Final = _table()
"""Every currency by its code: the API's enum in its order, then ours."""

EUR: Final = CURRENCIES["EUR"]
"""The euro, through which every exchange rate goes."""


def currency(code: str) -> Currency | None:
    """Look a currency up by its code; None when it is none."""
    return CURRENCIES.get(code)


def fault_of_currency(code: str, *, on: date | None = None) -> str | None:
    """Say why nothing can be bought in it on that day (None: on some day), if so."""
    known = CURRENCIES.get(code)
    if known is None:
        return "Is no currency: send a code of ISO 4217 in capitals, as EUR."
    if known.is_refused:
        return f"{code} is no money that a purchase can be made in: send a currency, as EUR."
    if on is None or known.is_money_on(on):
        return None
    if known.money_until is not None and on > known.money_until:
        return f"{code} was money until {known.money_until}, not on {on}: send what replaced it."
    return f"{code} is money since {known.money_from}, not on {on}: send what it replaced."
