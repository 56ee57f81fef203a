"""What must be true before a provider is put in force, or let go: a list that others may add to.

Each gate looks in the open transaction and says what is well or what is missing, and who can mend it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import msgspec
from sqlalchemy import select

from auth.models import IdentityProvider
from auth.setup.configuration import fingerprint
from auth.setup.entering import managing, registrations, shows_own, who_can_enter
from auth.setup.lifecycle import ON
from auth.setup.models import ProviderTest
from core.text import Text, t
from core.use_cases.work import Work

TEST_DAYS = 7
"""For how many days a passed test holds."""


class Gate(msgspec.Struct, frozen=True):
    """One precondition: what there must be, whether it is there, and if not, what is missing and who can mend it."""

    key: str
    title: Text
    met: bool
    note: Text | None = None


Look = Callable[[Work, IdentityProvider], Awaitable[Gate]]


async def passed_test(work: Work, row: IdentityProvider) -> ProviderTest | None:
    """Return the newest test of this very set-up, if it passed, however old it is."""
    chosen = (
        select(ProviderTest)
        .where(
            ProviderTest.tenant_id == row.tenant_id,
            ProviderTest.provider_id == row.id,
            ProviderTest.configuration == fingerprint(row),
        )
        .order_by(ProviderTest.id.desc())
        .limit(1)
    )
    found: ProviderTest | None = await work.session.scalar(chosen)
    return None if found is None or found.why is not None else found


async def tested_lately(work: Work, row: IdentityProvider) -> Gate:
    """Ask for a passed test sign-in of this very set-up."""
    title = t("A successful test sign-in of this very set-up in the last %(days)s days", days=TEST_DAYS)
    test = await passed_test(work, row)
    if test is not None and test.created_at >= work.now - timedelta(days=TEST_DAYS):
        return Gate("test", title, met=True)
    return Gate("test", title, False, t("Make a test sign-in. Any change of the set-up asks for a new one."))


async def entered_by_an_administrator(work: Work, row: IdentityProvider) -> Gate:
    """Ask that the test itself led whoever made it, and runs sign-in here, into their own seat.

    Where a break-glass account made it, into the seat of anybody who runs sign-in: they come in again.

    That their seat is linked to some account of the issuer is not enough: it may be one that another
    registration there knows them by.
    """
    title = t("A way in through it for somebody who administers this service")
    test = await passed_test(work, row)
    if test is not None and shows_own(test):
        by_claims = not managing(work.ctx.scope.kind).isdisjoint(test.roles)
        if by_claims or test.led_to in await who_can_enter(work, [row]):
            return Gate("administrator", title, met=True)
    if test is None:
        return Gate("administrator", title, met=False, note=t("Make a test sign-in first."))
    note = t(
        "The last test did not lead into the seat of the administrator who made it: after your test, link your own"
        " to your seat."
    )
    return Gate("administrator", title, met=False, note=note)


async def another_way_in(work: Work, row: IdentityProvider) -> Gate:
    """Ask that somebody who runs sign-in here can come in without it."""
    title = t("A way in without it for somebody who administers this service")
    chosen = select(IdentityProvider).where(
        IdentityProvider.tenant_id == row.tenant_id, IdentityProvider.id != row.id, IdentityProvider.state.in_(ON)
    )
    others = (await work.session.scalars(chosen)).all()
    if row.state not in ON or await who_can_enter(work, others):
        return Gate("another_way", title, met=True)
    note = t("No administrator’s account is linked at the provider that would be left: link one there first.")
    if not others:
        note = t(
            "Put another provider in force first, and link an administrator’s account there: else nobody could come in."
        )
    elif any([len(await registrations(work, other.issuer)) > 1 for other in others]):
        note = t(
            "No administrator has come in through the provider that would be left, which may know people by other"
            " accounts: make a test sign-in there, and link yours to your seat."
        )
    return Gate("another_way", title, met=False, note=note)


ENFORCING: list[Look] = [tested_lately, entered_by_an_administrator]
"""What must be true before a provider is put in force. A room that asks for more adds to it when it is loaded."""

LEAVING: list[Look] = [another_way_in]
"""What must be true before one that people sign in through is switched off."""


async def look(work: Work, row: IdentityProvider, gates: Sequence[Look]) -> list[Gate]:
    """Return what each of ``gates`` says of a provider now."""
    return [await gate(work, row) for gate in gates]
