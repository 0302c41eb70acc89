"""Money: whole minor units of an ISO 4217 currency, and nothing else.

The number of minor units in a unit is ISO 4217's, not CLDR's: dinars, denars and lekë have two decimals on paper
even where nobody has seen the coin. Amounts are read from strict decimal strings and never pass through a float.
"""

import re
from dataclasses import dataclass

from registry.errors import MalformedAmount, UnknownCurrency

# ISO 4217 list one, active codes, and BGN, in which fees of before 2026 are stated.
_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK "
    "DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT "
    "LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN "
    "QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS "
    "VED VES WST XCD XCG YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENTS = {code: decimals for decimals, codes in _DECIMALS.items() for code in codes.split()}

_AMOUNT = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6}))?", re.ASCII)


def exponent(currency: str) -> int:
    """How many decimals the currency has: the power of ten between its unit and its minor unit. Raises UnknownCurrency."""
    try:
        return _EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(currency=currency) from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units: 1250.00 EUR is Money(125000, "EUR")."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read "1250.00" or "1250"; no sign, space, exponent or grouping, no more decimals than the currency has.

        Raises MalformedAmount; UnknownCurrency.
        """
        decimals = exponent(currency)
        match = _AMOUNT.fullmatch(text)
        if match is None:
            raise MalformedAmount("must be a decimal string")
        whole, fraction = match.group(1), match.group(2) or ""
        if len(fraction) > decimals:
            raise MalformedAmount(f"{currency} has {decimals} decimals")
        return cls(int(whole + fraction.ljust(decimals, "0")), currency)

    @property
    def text(self) -> str:
        """The amount with all its decimals, as `parse` reads it: "1250.00"; a reduction has a minus in front."""
        return minor_text(self.minor, exponent(self.currency))


def minor_text(minor: int, decimals: int) -> str:
    """A whole number of 10^-decimals as a decimal string: (125000, 2) is "1250.00", (-5, 2) is "-0.05", (7, 0) is "7"."""
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor))
    if not decimals:
        return sign + digits
    digits = digits.rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"
