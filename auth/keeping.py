"""That somebody is always left who can give roles here and come in to do it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import select, update

from auth.models import IdentityProvider, Seat
from auth.reading import seat_out
from auth.red_button.pressing import tell_answerable
from auth.scim.holding import hold_directory
from auth.setup.entering import managers, managing, who_can_enter
from auth.setup.lifecycle import ON
from core.errors import Refused
from core.text import t
from core.use_cases.work import Work

NOBODY_LEFT = "nobody_left_to_administer"
"""The event: the operator hears of it."""


async def able_seats(work: Work, *, without_rule: UUID | None = None) -> set[UUID]:
    """Return the seats that may give roles, without an end, and can come in. Until the transaction ends it stays so.

    Where no provider is on, nobody comes in by one, and accounts say nothing of who can.
    ``without_rule``: the roles that this rule gave do not count.
    """
    # Two administrators taking each other's role at the same moment would leave none.
    await hold_directory(work)
    chosen = select(IdentityProvider).where(
        IdentityProvider.tenant_id == work.ctx.scope.id, IdentityProvider.state.in_(ON)
    )
    providers = (await work.session.scalars(chosen)).all()
    if not providers:
        return await managers(work, without_rule=without_rule)
    return await who_can_enter(work, providers, without_rule=without_rule)


async def keep_a_manager(work: Work, without: UUID) -> None:
    """Refuse if nobody but ``without`` could then give roles: the last administrator locks nobody out."""
    if managing(work.ctx.scope.kind) & set((await seat_out(work, without)).roles):
        _require(await able_seats(work) - {without})


async def keep_without_rule(work: Work, rule_id: UUID) -> None:
    """Refuse if nobody could give roles but by what one rule gave."""
    _require(await able_seats(work, without_rule=rule_id))


@asynccontextmanager
async def keeping_somebody(work: Work) -> AsyncIterator[None]:
    """Refuse what the block does if somebody could give roles before it and nobody can afterwards."""
    before = await able_seats(work)
    yield
    if before:
        await work.session.flush()
        _require(await able_seats(work))


async def alarm_if_nobody(work: Work, withdrawn: set[UUID]) -> None:
    """Tell everybody answerable if one of the seats that were withdrawn could give roles, and nobody is left who can.

    The directory and the worker file have the last word on who works here, so nothing is refused.
    """
    await alarm_without(work, withdrawn & await managers(work, withdrawn=True))


async def alarm_without(work: Work, managing: set[UUID]) -> None:
    """Tell everybody answerable if nobody is left who can give roles, now that these do no more."""
    gave = sorted(managing)
    if not gave or await able_seats(work):
        return
    names = [(await seat_out(work, seat_id)).name for seat_id in gave]
    told = t("Alarm: nobody is left who can give roles here and sign in; withdrawn: %(names)s.", names=", ".join(names))
    await tell_answerable(work, told)
    await work.emit(NOBODY_LEFT, ("seat", gave[0]))
    # Those who went before, too: of them all it is this one time that nobody is left.
    await _stands(work, await managers(work, withdrawn=True) - await managers(work))


async def follow_alarm(work: Work, withdrawn: set[UUID]) -> None:
    """Raise the alarm if it does not stand yet for one of those ``withdrawn``: every load names all who are gone.

    It stands until somebody is left again, for each until they come back.
    """
    chosen = select(Seat.id).where(Seat.tenant_id == work.ctx.scope.id, Seat.alarmed_at.is_not(None))
    stood = set(await work.session.scalars(chosen))
    if stood:
        back = await managers(work) | (stood - await managers(work, withdrawn=True))
        over = stood if await able_seats(work) else stood & back
        await _stands(work, over, since=False)
        stood -= over
    await alarm_if_nobody(work, withdrawn - stood)


async def _stands(work: Work, seats: set[UUID], *, since: bool = True) -> None:
    mine = update(Seat).where(Seat.tenant_id == work.ctx.scope.id, Seat.id.in_(seats))
    await work.session.execute(mine.values(alarmed_at=work.now if since else None))


def _require(able: set[UUID]) -> None:
    if not able:
        raise Refused(
            t("Nobody would be left who can give roles here and sign in."),
            t("Give another person the role first, without an end, and see to it that they can sign in."),
        )
