"""A process of its own that issues receipts at the first window, as a desk of the service would, and says each one when it is stored.

python -m tests.registry.receipts.issuing_process DATABASE_URL HOW_MANY
"""

import asyncio
import sys

from registry import keys
from registry.grants import powers
from registry.officers import by_username
from registry.publication import Publication
from registry.receipts import issue
from service.db import Database, create_engine
from tests.world import NOW, PASSPHRASE, TOWN, WINDOW


async def main(database_url: str, how_many: int) -> None:
    """One receipt in one transaction; its line is written after the commit, as an answer would be."""
    database = Database(create_engine(database_url, pool_size=1))
    publication = Publication()
    async with database.read() as session:
        await publication.refresh(session)
        signer = await keys.signer(session, TOWN, PASSPHRASE, NOW)
        clerk = await by_username(session, "kiro")
        held = await powers(session, clerk, NOW)
    desk = issue.desk(publication.facts, clerk, held, WINDOW)
    quoted = issue.quote(publication.facts, desk.authority, "CERT", {}, now=NOW, on=None, on_reason=None)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(how_many):
        async with database.write() as session:
            receipt = await issue.issue(session, desk, quoted, signer, now=NOW)
        sys.stdout.write(f"{receipt.serial} {receipt.token.hex()}\n")
        sys.stdout.flush()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
