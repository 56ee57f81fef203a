"""Use cases on break-glass accounts: name a custodian, hand out the two halves, make new ones, end an account."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import exists, func, select

from auth.break_glass.gates import break_glass_ready
from auth.break_glass.halves import new_half, read_half
from auth.break_glass.models import BreakGlass
from auth.break_glass.schemas import BreakGlassList, BreakGlassOut, ChangeIn, CustodianIn, DrawIn, Drawn
from auth.break_glass.standing import READY, SHOWN, SUBJECT, are_one_person, drawers
from auth.models import IdentityProvider, Seat
from auth.red_button.service import ANSWERED
from auth.sessions import end_sessions_of
from auth.setup.gates import ENFORCING
from auth.setup.lifecycle import ON
from core.errors import NotFound, Refused
from core.text import t
from core.tokens import digest
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.output import shown
from core.use_cases.step_up import BREAK_GLASS
from core.use_cases.work import Work

BREAK_GLASS_MANAGE = "break_glass.manage"
MARK = "break-glass / secours"
"""Beside the custodian's name, in the log and in lists, in whichever language they are read."""

ANEW = t("If nobody has it, make new halves: both old ones are then worthless.")

ENFORCING.append(break_glass_ready)

_changing = partial(
    use_case,
    permission=BREAK_GLASS_MANAGE,
    scopes=ANSWERED,
    backdated=NOW,
    step_up=BREAK_GLASS,
    in_person=t("Do it on the page of break-glass accounts."),
)


@use_case(permission=BREAK_GLASS_MANAGE, input=Nothing, output=BreakGlassList, scopes=ANSWERED, reads=True)
async def list_break_glass(work: Work, data: Nothing) -> BreakGlassList:
    """List who keeps a secret for the day on which nobody can sign in, and whether it could be used."""
    return await _listed(work)


@_changing(input=CustodianIn, output=BreakGlassList)
async def add_break_glass(work: Work, data: CustodianIn) -> BreakGlassList:
    """Name a custodian. The account can be used once both halves of its secret were handed out."""
    seat = Seat(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        name=f"{data.custodian} ({MARK})",
        language=work.ctx.language,
        active=False,  # No provider knows it: nobody signs in to it, and it decides nothing.
        created_at=work.now,
    )
    work.session.add(seat)
    await work.session.flush()
    row = BreakGlass(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        custodian=data.custodian,
        seat_id=seat.id,
        made_by=work.ctx.actor.id,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await work.audit("break_glass.add", (SUBJECT, row.id), after={"custodian": row.custodian}, reason=data.reason)
    return await _listed(work)


@_changing(input=DrawIn, output=Drawn, shown_once=ANEW)
async def draw_half(work: Work, data: DrawIn) -> Drawn:
    """Show one half of an account's secret, this once; two people who each see one can only enter together."""
    row = await _locked(work, data.id)
    if (row.first_digest if data.half == "first" else row.second_digest) is not None:
        raise Refused(t("This half was shown already."), ANEW)
    if await _has_the_other(work, row):
        raise Refused(
            t("You were shown the other half: whoever has both could enter alone."),
            t("Another administrator has this one shown in their own session, to whoever keeps it."),
        )
    text = new_half()
    kept = digest(read_half(text) or "")
    if data.half == "first":
        row.first_digest = kept
    else:
        row.second_digest = kept
    await work.session.flush()
    await work.audit(SHOWN, (SUBJECT, row.id), after={"custodian": row.custodian, "half": data.half})
    return Drawn(text=text, half=data.half, account=next(one for one in await _accounts(work) if one.id == row.id))


@_changing(input=ChangeIn, output=BreakGlassList)
async def renew_break_glass(work: Work, data: ChangeIn) -> BreakGlassList:
    """Make both halves of an account worthless, so that new ones can be handed out, and end the session it has."""
    row = await _locked(work, data.id)
    if row.seat_id != work.ctx.actor.id:  # Whoever came in by it hands out its new halves.
        await end_sessions_of(work.session, work.ctx.scope, row.seat_id, work.now)
    row.first_digest = row.second_digest = None
    await work.session.flush()
    await work.audit("break_glass.renew", (SUBJECT, row.id), after={"custodian": row.custodian}, reason=data.reason)
    return await _listed(work)


@_changing(
    input=ChangeIn,
    output=BreakGlassList,
    narrowed=t("not the last that is ready, while a sign-in service is in force"),
)
async def end_break_glass(work: Work, data: ChangeIn) -> BreakGlassList:
    """End an account for good. While a sign-in service is in force, another one must be ready."""
    # Two administrators who end one of two accounts each, at the same moment, would leave none.
    held: Any = select(func.pg_advisory_xact_lock(work.ctx.scope.id.int & (2**62 - 1)))
    await work.session.execute(held)
    row = await _locked(work, data.id)
    others = select(BreakGlass.id).where(BreakGlass.tenant_id == work.ctx.scope.id, READY, BreakGlass.id != row.id)
    if await _needed(work) and await work.session.scalar(others.limit(1)) is None:
        raise Refused(
            t("No other break-glass account would be ready, and your sign-in service is in force."),
            t("Name another custodian and hand out both halves first."),
        )
    row.ended_at, row.first_digest, row.second_digest = work.now, None, None
    await end_sessions_of(work.session, work.ctx.scope, row.seat_id, work.now)
    await work.session.flush()
    await work.audit("break_glass.end", (SUBJECT, row.id), after={"custodian": row.custodian}, reason=data.reason)
    return await _listed(work)


async def _has_the_other(work: Work, row: BreakGlass) -> bool:
    """Say whether the one half that is good was shown to whoever acts now, in whichever seat of theirs."""
    if (row.first_digest is None) == (row.second_digest is None):
        return False
    other = (await drawers(work)).get((row.id, "first" if row.second_digest is None else "second"))
    return other is not None and await are_one_person(work, work.ctx.actor.id, other)


async def _locked(work: Work, text: str) -> BreakGlass:
    row: BreakGlass = await work.get(BreakGlass, text)
    await work.session.refresh(row, with_for_update=True)
    if row.ended_at is not None:
        raise NotFound
    work.check_version(row)
    return row


async def _needed(work: Work) -> bool:
    found = exists(select(1).where(IdentityProvider.tenant_id == work.ctx.scope.id, IdentityProvider.state.in_(ON)))
    return bool(await work.session.scalar(select(found)))


async def _listed(work: Work) -> BreakGlassList:
    return BreakGlassList(await _accounts(work), await _needed(work))


async def _accounts(work: Work) -> list[BreakGlassOut]:
    chosen = (
        select(BreakGlass, Seat.name)
        .join(Seat, (Seat.tenant_id == BreakGlass.tenant_id) & (Seat.id == BreakGlass.made_by))
        .where(BreakGlass.tenant_id == work.ctx.scope.id, BreakGlass.ended_at.is_(None))
    )
    found = [
        shown(
            BreakGlassOut,
            row,
            made_by=name,
            for_another=await _has_the_other(work, row),
            first_shown=row.first_digest is not None,
            second_shown=row.second_digest is not None,
            ready=row.first_digest is not None and row.second_digest is not None,
        )
        for row, name in await work.session.execute(chosen)
    ]
    return sorted(found, key=lambda one: (one.custodian, one.id))
