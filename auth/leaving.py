"""What ends when somebody may come in no more, whoever says so: an administrator, the directory, the worker file."""

from __future__ import annotations

from uuid import UUID

from auth.approval_links.links import end_links_of
from auth.linking.models import SeatInvitation
from auth.linking.withdrawing import withdraw_open
from auth.sessions import end_sessions_of
from auth.tokens import end_tokens_of
from core.use_cases.work import Work


async def end_all_of(work: Work, seat_id: UUID) -> dict[str, int]:
    """End what somebody has begun in a seat, and return how much of each kind, as the audit line tells it.

    Their sessions, the tokens they made, the links by which others come to a seat because they say so, or they to
    theirs, and the links to cases that wait for them. Of the last two nothing is told where there was none. Member
    access stays.
    """
    session, scope, now = work.session, work.ctx.scope, work.now
    theirs = (SeatInvitation.made_by == seat_id) | (SeatInvitation.seat_id == seat_id)
    links = {"invitations_withdrawn": await withdraw_open(session, scope, theirs, now)}
    if scope.kind == "agency":  # Nobody else has cases that are decided by a link.
        links["approval_links_ended"] = await end_links_of(work, seat_id)
    return {
        "sessions_ended": await end_sessions_of(session, scope, seat_id, now),
        "tokens_ended": await end_tokens_of(session, scope, seat_id, now),
    } | {name: count for name, count in links.items() if count}
