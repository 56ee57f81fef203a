"""What ends when somebody may come in no more, whoever says so: an administrator, the directory, the worker file.

A provider alone cannot say so much: it has the same word for an account that is closed and for somebody who has
signed out. What it ends besides its sessions is the programs, where the agency wants that.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from auth.approval_links.links import end_links_of
from auth.linking.models import SeatInvitation
from auth.linking.withdrawing import withdraw_open
from auth.models import IdentityProvider, Seat
from auth.outliving import tell_outlived
from auth.roles import MANAGES
from auth.sessions import end_sessions_of
from auth.tokens import end_tokens_of
from core.calendars.ending import end_addresses_of
from core.text import t
from core.use_cases.work import Work


async def end_all_of(work: Work, seat_id: UUID) -> dict[str, int]:
    """End what somebody has begun in a seat, and return how much of each kind, as the audit line tells it.

    Their sessions, the tokens they made, the links by which others come to a seat because they say so, or they to
    theirs, the links to cases that wait for them, and the addresses of their calendars. Of all links nothing is told
    where there was none. Member
    access stays, and so does a directory's token: those who answer for access are told of it. Whoever makes such a
    thing at this moment has made it, or waits and makes it no more (``hold_maker``).
    """
    await hold_seats(work, {seat_id})
    session, scope, now = work.session, work.ctx.scope, work.now
    theirs = (SeatInvitation.made_by == seat_id) | (SeatInvitation.seat_id == seat_id)
    links = {"invitations_withdrawn": await withdraw_open(session, scope, theirs, now)}
    if scope.kind == "agency":  # Nobody else has cases that are decided by a link.
        links["approval_links_ended"] = await end_links_of(work, seat_id)
    links["calendars_ended"] = await end_addresses_of(work, seat_id)
    ended = {
        "sessions_ended": await end_sessions_of(session, scope, seat_id, now),
        "tokens_ended": len(await end_tokens_of(session, scope, seat_id, now, cause="maker")),
    }
    await tell_outlived(work, seat_id)
    return ended | {name: count for name, count in links.items() if count}


async def end_unvouched(work: Work, seat_id: UUID, provider_id: UUID) -> None:
    """End the programs that somebody let in behind whom a provider no longer stands, if its row says so.

    Those who answer for access are told which: what a program did here stands still from now on.
    """
    scope = work.ctx.scope
    provider = await work.session.get(IdentityProvider, (scope.id, provider_id))
    if provider is None or provider.programs != "end":
        return
    await hold_seats(work, {seat_id})
    ended = await end_tokens_of(work.session, scope, seat_id, work.now, cause="unvouched")
    if not ended:
        return
    for token_id, name in ended:
        after = {"name": name, "cause": "unvouched"}
        await work.audit("api_token.revoke", ("api_token", token_id), after=after)
    seat = await work.session.get_one(Seat, (scope.id, seat_id))
    told = t(
        "The sign-in service no longer stands behind %(name)s: programs they let in have ended (%(programs)s).",
        name=seat.name,
        programs=", ".join(sorted({name for _, name in ended})),
    )
    await work.notify(told, link="/programs", role=MANAGES[scope.kind])


async def hold_maker(work: Work, *others: UUID) -> None:
    """Let nobody shut out whoever acts, or ``others``, before what this transaction makes is there to be ended.

    Raises what a request raises whose caller may come in no more: it may have waited for whoever shut them out.
    """
    await hold_seats(work, {work.ctx.actor.id, *others})
    if work.still is not None:
        await work.still(work.session)


async def hold_seats(work: Work, seats: Collection[UUID]) -> None:
    """Hold seats until the transaction ends, before what hangs on them and all at once: nobody waits in a circle."""
    chosen = select(Seat.id).where(Seat.tenant_id == work.ctx.scope.id, Seat.id.in_(seats)).order_by(Seat.id)
    await work.session.execute(chosen.with_for_update(key_share=True))
