"""What one serving process holds, as one value: the facts, the register, the clock. Handlers on the hot paths take just this.

(The framework resolves every dependency of a request in a task of its own; on a check that costs more than the check.)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from registry.money import Money
from registry.snapshot import Facts
from service.clock import Clock
from service.db import Database
from service.limits import Bucket
from service.published import Published
from service.settings import Settings
from verify.looks import Looks
from verify.register import Ask, check_number, check_token, is_number
from verify.verdict import Verdict


def number_limit() -> Bucket:
    """Receipts looked up by number, all together: enough for a country's counters, too few to try numbers out."""
    return Bucket(rate=20, burst=300)


@dataclass(frozen=True, slots=True)
class Process:
    """The values of a serving process. `ask` is None where there is no register."""

    database: Database
    published: Published
    looks: Looks
    ask: Ask | None
    clock: Clock
    settings: Settings
    numbers: Bucket = field(default_factory=number_limit)

    @property
    def facts(self) -> Facts:
        """The published facts as of now."""
        return self.published.facts

    def now(self) -> datetime:
        """The present instant in UTC."""
        return self.clock.now()

    async def check(
        self,
        receipt: str,
        *,
        paid: Money | None = None,
        inputs: Mapping[str, object] | None = None,
        issued_on: date | None = None,
        count: bool = True,
    ) -> Verdict:
        """The verdict on what somebody holds: the text of a code, a bare token, or sixteen digits. `count` False: no person's look.

        Raises MalformedNumber, AmbiguousNumber, TooManyRequests (by number only), PaidCurrencyMismatch, InputRefused.
        """
        now = self.now()
        if not is_number(receipt):
            return await check_token(
                self.ask,
                self.facts,
                self.looks,
                origin=self.settings.origin,
                receipt=receipt,
                now=now,
                paid=paid,
                inputs=inputs,
                count=count,
            )
        self.numbers.take(now)
        async with self.database.read() as session:
            return await check_number(
                session,
                self.facts,
                self.looks,
                origin=self.settings.origin,
                number=receipt,
                now=now,
                paid=paid,
                issued_on=issued_on,
                count=count,
            )
