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
from auth.setup.entering import managing, who_can_enter
from auth.setup.lacks import OTHER_SEAT, UNLINKED
from auth.setup.lifecycle import ON
from auth.setup.models import ProviderTest
from core.text import Text, t
from core.use_cases.work import Work

TEST_DAYS = 7
"""For how many days a passed test holds."""


class Gate(msgspec.Struct, frozen=True):
    """One precondition: whether it is met, and if not, what is missing and who can mend it."""

    key: str
    title: Text
    met: bool
    note: Text | None = None


Look = Callable[[Work, IdentityProvider], Awaitable[Gate]]


async def passed_test(work: Work, row: IdentityProvider) -> ProviderTest | None:
    """Return the newest test of this very set-up, if it passed and is not too old."""
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
    if found is None or found.why is not None or found.created_at < work.now - timedelta(days=TEST_DAYS):
        return None
    return found


async def tested_lately(work: Work, row: IdentityProvider) -> Gate:
    """Ask for a passed test sign-in of this very set-up."""
    title = t("A test sign-in of this very set-up has succeeded in the last %(days)s days", days=TEST_DAYS)
    if await passed_test(work, row) is not None:
        return Gate("test", title, met=True)
    return Gate("test", title, False, t("Make a test sign-in below. Any change of the set-up asks for a new one."))


async def entered_by_an_administrator(work: Work, row: IdentityProvider) -> Gate:
    """Ask that somebody who runs sign-in here has an account there that leads into their seat."""
    title = t("Somebody who administers this service can come in through it")
    if await who_can_enter(work, [row]) or await _by_its_claims(work, row):
        return Gate("administrator", title, met=True)
    return Gate(
        "administrator",
        title,
        False,
        t("No account there is linked to an administrator yet: after your test, link your own to your seat."),
    )


async def another_way_in(work: Work, row: IdentityProvider) -> Gate:
    """Ask that somebody who runs sign-in here can come in without it."""
    title = t("Somebody who administers this service can come in without it")
    chosen = select(IdentityProvider).where(
        IdentityProvider.tenant_id == row.tenant_id, IdentityProvider.id != row.id, IdentityProvider.state.in_(ON)
    )
    others = (await work.session.scalars(chosen)).all()
    if row.state not in ON or await who_can_enter(work, others):
        return Gate("another_way", title, met=True)
    return Gate(
        "another_way",
        title,
        False,
        t("Put another provider in force first, and link an administrator’s account there: else nobody could come in.")
        if not others
        else t("No administrator’s account is linked at the provider that would be left: link one there first."),
    )


async def _by_its_claims(work: Work, row: IdentityProvider) -> bool:
    """Say whether the one who tested has an account that is theirs here, and whose claims make them administrator."""
    test = await passed_test(work, row)
    if test is None or not {UNLINKED, OTHER_SEAT}.isdisjoint(test.missing):
        return False
    return not managing(work.ctx.scope.kind).isdisjoint(test.roles)


ENFORCING: list[Look] = [tested_lately, entered_by_an_administrator]
"""What must be true before a provider is put in force. A room that asks for more adds to it when it is loaded."""

LEAVING: list[Look] = [another_way_in]
"""What must be true before one that people sign in through is switched off."""


async def look(work: Work, row: IdentityProvider, gates: Sequence[Look]) -> list[Gate]:
    """Return what each of ``gates`` says of a provider now."""
    return [await gate(work, row) for gate in gates]
