"""Money, lines and legal bases as the JSON interface writes them."""

from collections.abc import Iterable

from msgspec import Struct

from registry.fees.assessment import Line
from registry.fees.content import LegalBasis
from registry.money import Money
from service.web.language import Words


class MoneyJSON(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount as a decimal string with its ISO 4217 currency."""

    amount: str
    currency: str

    @classmethod
    def of(cls, money: Money | None) -> "MoneyJSON | None":
        return None if money is None else cls(money.text, money.currency)

    def money(self) -> Money:
        """Raises MalformedAmount, UnknownCurrency."""
        return Money.parse(self.amount, self.currency)


class LineJSON(Struct, frozen=True):
    """One line of an assessment, its label in the reader's language."""

    kind: str
    label: str
    account: str | None
    amount: MoneyJSON


class LegalBasisJSON(Struct, frozen=True):
    """The law a fee stands on."""

    citation: str
    pinpoint: str | None
    uri: str | None

    @classmethod
    def of(cls, basis: LegalBasis) -> "LegalBasisJSON":
        return cls(basis.citation, basis.pinpoint, basis.uri)


def lines_json(lines: Iterable[Line], currency: str, speaking: Words) -> list[LineJSON]:
    """Lines with their labels in one language."""
    return [
        LineJSON(
            kind=line.kind,
            label=speaking.pick(line.label) if line.label else speaking.gettext("Rounding"),
            account=line.account,
            amount=MoneyJSON(Money(line.minor, currency).text, currency),
        )
        for line in lines
    ]
