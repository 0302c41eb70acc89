"""A tariff that changes while receipts are issued, on real databases."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from registry.fees.content import parse_content
from registry.grants import powers
from registry.receipts import issue
from tests.verify.reporting import ORIGIN
from tests.world import NOW, TOWN, WINDOW, fee_json, found, publish
from verify.check import Entry, check
from verify.verdict import Flag, State

pytestmark = pytest.mark.database


async def test_a_process_that_has_not_heard_of_a_correction_issues_nothing_that_it_makes_wrong(session: AsyncSession) -> None:
    """Every process takes in within two seconds what another published; until then it does not count."""
    world = await found(session)
    before = world.publication.facts
    rule = {"type": "flat", "amount": "1.00"}
    await publish(session, world, parse_content(fee_json("CERT", rule, reason="Misprint corrected")), now=NOW, supersedes=1)
    await world.refresh(session)
    for passed in (timedelta(), timedelta(seconds=1), timedelta(seconds=2, microseconds=-1)):
        at = NOW + passed
        desk = issue.desk(before, world.clerk, await powers(session, world.clerk, at), WINDOW)
        quoted = issue.quote(before, desk.authority, "CERT", {}, now=at, on=None, on_reason=None)
        receipt = await issue.issue(session, desk, quoted, world.signers[TOWN], now=at)
        verdict = check(receipt.token, world.publication.facts, ORIGIN, at, entry=Entry(at))
        assert (State.MATCH, (Flag.CORRECTED,)) == (verdict.state, verdict.flags)
