"""How providers and their tests are read for the pages."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from auth.models import IdentityProvider, Seat
from auth.relying_party.assurance import AssuranceRule, read_rule
from auth.relying_party.examining import Finding
from auth.relying_party.refusals import SignInRefused
from auth.setup.configuration import fingerprint
from auth.setup.gates import ENFORCING, LEAVING, look
from auth.setup.lacks import UNLINKED
from auth.setup.lifecycle import PROVIDER, PROVIDER_MANAGE
from auth.setup.models import ProviderTest
from auth.setup.schemas import ProviderFile, ProviderOut, TestOut
from auth.setup.testing import is_fresh
from core.use_cases.output import shown
from core.use_cases.work import Work

ORDER = ("enforced", "retiring", "tested", "draft", "off")


async def all_providers(work: Work) -> list[ProviderOut]:
    """Return the scope's providers: those that people sign in through first, the newest first."""
    chosen = select(IdentityProvider).where(IdentityProvider.tenant_id == work.ctx.scope.id)
    rows = await work.session.scalars(chosen.order_by(IdentityProvider.id.desc()))
    return [_provider(row) for row in sorted(rows, key=lambda row: ORDER.index(row.state))]


async def file_of(work: Work, row: IdentityProvider) -> ProviderFile:
    """Return all of one provider; what its next steps ask for only to who may take them."""
    may = work.ctx.actor.may(PROVIDER_MANAGE)
    return ProviderFile(
        provider=_provider(row),
        findings=msgspec.convert(row.report["findings"], list[Finding]) if row.report else None,
        reported_at=row.reported_at,
        test=await _test(work, row) if may else None,
        enforcing=await look(work, row, ENFORCING) if may and row.state in ("draft", "tested") else [],
        leaving=await look(work, row, LEAVING) if may and row.state in ("enforced", "retiring") else [],
    )


async def newest_test(work: Work, row: IdentityProvider) -> ProviderTest | None:
    """Return the newest test sign-in of a provider, whatever came of it."""
    chosen = (
        select(ProviderTest)
        .where(ProviderTest.tenant_id == row.tenant_id, ProviderTest.provider_id == row.id)
        .order_by(ProviderTest.id.desc())
        .limit(1)
    )
    found: ProviderTest | None = await work.session.scalar(chosen)
    return found


async def _test(work: Work, row: IdentityProvider) -> TestOut | None:
    test = await newest_test(work, row)
    if test is None:
        return None
    seat = await work.session.get(Seat, (row.tenant_id, test.seat_id))
    fresh = is_fresh(test, work.now)
    mine = test.seat_id == work.ctx.actor.id
    return shown(
        TestOut,
        test,
        at=test.created_at,
        by=seat.name if seat is not None else "",
        mine=mine,
        holds=test.configuration == fingerprint(row),
        linkable=mine
        and fresh
        and seat is not None
        and seat.active
        and test.subject is not None
        and UNLINKED in test.missing,
        claims=test.claims if fresh else None,
    )


def _provider(row: IdentityProvider) -> ProviderOut:
    rule = _rule(row.assurance)
    return shown(
        ProviderOut,
        row,
        has_secret=row.secret_sealed is not None or row.secret_ref is not None,
        assurance=str(rule),
        rule=msgspec.structs.asdict(rule),
        has_document=row.document is not None,
    )


def _rule(kept: dict[str, Any]) -> AssuranceRule:
    try:
        return read_rule(kept)
    except SignInRefused:
        # It lets nobody in, and the page is where it is set right.
        return AssuranceRule()


assert set(ORDER) == set(PROVIDER.states)
