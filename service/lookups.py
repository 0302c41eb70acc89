"""Looking receipts up together: checks that wait at the same moment share one query to the register.

Of a check with the register the statement costs most, however many receipts it asks for. So whoever asks while a query is
under way is answered by the next one, and nobody waits for anything but the query before.
"""

import asyncio
from dataclasses import dataclass, field

from service.db import Database
from verify.register import Recorded, recorded

MOST = 200
"""Receipts asked for in one query."""

Answer = asyncio.Future[Recorded | None]


@dataclass(slots=True)
class Lookups:
    """The register's answers for one process."""

    database: Database
    _waiting: list[tuple[bytes, Answer]] = field(default_factory=list)
    _working: asyncio.Task[None] | None = None

    async def ask(self, cti: bytes) -> Recorded | None:
        """What the register holds under this cti."""
        answer: Answer = asyncio.get_running_loop().create_future()
        self._waiting.append((cti, answer))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._answer(asked)
        finally:
            self._working = None

    async def _answer(self, asked: list[tuple[bytes, Answer]]) -> None:
        try:
            async with self.database.read() as session:
                found = await recorded(session, {cti for cti, _ in asked})
        except Exception as error:  # noqa: BLE001 (whatever it was, it is theirs who asked)
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
        else:
            for cti, answer in asked:
                if not answer.done():
                    answer.set_result(found.get(cti))
