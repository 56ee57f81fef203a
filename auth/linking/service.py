"""Use cases on who opens a seat with which account: invite, withdraw, unlink."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.keeping import able_seats
from auth.leaving import hold_maker
from auth.linking.models import SeatInvitation
from auth.linking.schemas import Invitation, InvitationOut, Invite, LinkedAccount, SeatLinks, Unlink, Withdraw
from auth.models import Identity, IdentityProvider, IdentitySeat, Seat
from auth.one_person import UNLINK
from auth.relying_party.identities import identities, keep_touched, linking
from auth.service import EVERYWHERE, SEAT_MANAGE, SEAT_READ
from auth.sessions import end_sessions_of
from auth.setup.entering import registrations
from auth.setup.lifecycle import ON
from core.errors import NotFound, Refused
from core.text import t
from core.tokens import digest, new_secret
from core.use_cases.declaration import NOW, ById, use_case
from core.use_cases.work import Work

UNLINKED = "account_unlinked"
"""The event: the link is taken away after the line that says so, if the process that wrote it did not come to do it."""


@use_case(permission=SEAT_READ, input=ById, output=SeatLinks, scopes=EVERYWHERE, reads=True)
async def get_links(work: Work, data: ById) -> SeatLinks:
    """Show which accounts open a person's seat, how they were linked, and whether a link is open for it."""
    return await _links(work, await work.get(Seat, data.id))


@use_case(
    permission=SEAT_MANAGE,
    input=Invite,
    output=Invitation,
    scopes=EVERYWHERE,
    backdated=NOW,
    in_person=t("Do it on the person’s page."),
    shown_once=t("If nobody has the link, make another one: it takes this one’s place."),
)
async def invite(work: Work, data: Invite) -> Invitation:
    """Make a link, told this once, by which a person links their own account; an older one is withdrawn."""
    seat = await _locked(work, data.id)
    if not seat.active:
        raise Refused(t("%(name)s may not sign in.", name=seat.name), t("Let them in again first."))
    found = await _accounts(work, seat.id)
    if not await _trusted(work):
        raise Refused(
            t("Sign-in is not set up for this service yet."),
            t("Its administrator or the operator of the platform can set it up."),
        )
    if not await _with_room(work, found):
        raise Refused(
            t("%(name)s is linked to an account already.", name=seat.name),
            t("Unlink that one first, if another is to take its place."),
        )
    await _withdraw(work, seat, data.reason)
    secret = new_secret()
    row = SeatInvitation(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        seat_id=seat.id,
        secret_digest=digest(secret),
        reason=data.reason,
        made_by=work.ctx.actor.id,
        created_at=work.now,
        expires_at=work.now + timedelta(days=data.days),
    )
    work.session.add(row)
    await work.session.flush()
    await work.audit("invitation.create", ("seat", seat.id), after={"expires_at": row.expires_at}, reason=data.reason)
    path = f"/t/{work.ctx.scope.slug}/auth/start?language={seat.language}&invitation={secret}"
    return Invitation(id=seat.id, name=seat.name, path=path, expires_at=row.expires_at)


@use_case(permission=SEAT_MANAGE, input=Withdraw, output=SeatLinks, scopes=EVERYWHERE, backdated=NOW)
async def withdraw_invitation(work: Work, data: Withdraw) -> SeatLinks:
    """Withdraw a link that nobody has used yet."""
    seat = await _locked(work, data.id)
    if not await _withdraw(work, seat, data.reason):
        raise Refused(t("There is no link to withdraw for %(name)s.", name=seat.name), t("Look at the page again."))
    return await _links(work, seat)


@use_case(permission=SEAT_MANAGE, input=Unlink, output=SeatLinks, scopes=EVERYWHERE, backdated=NOW, around=linking)
async def unlink(work: Work, data: Unlink) -> SeatLinks:
    """Let an account open a person's seat no longer, and end the person's sessions at once."""
    scope = work.ctx.scope
    async with identities(work) as session:
        seat: Seat = await work.get(Seat, data.id)
        chosen = (
            select(Identity, IdentitySeat)
            .join(IdentitySeat, IdentitySeat.identity_id == Identity.id)
            .where(
                IdentitySeat.scope_id == scope.id,
                IdentitySeat.seat_id == seat.id,
                IdentitySeat.identity_id == _key(data.identity_id),
            )
        )
        row = (await session.execute(chosen)).one_or_none()
        if row is None:
            raise Refused(t("This account is not linked any more."), t("Look at the page again."))
        identity, joined = row
        await _keep_a_way_in(work, session, seat.id, identity.id)
        await keep_touched(session, scope.id, identity.id)
        await session.delete(joined)
        await session.flush()
        await work.emit(UNLINKED, ("identity", identity.id))
        ended = await end_sessions_of(work.session, scope, seat.id, work.now)
        before = {"issuer": identity.issuer, "subject": identity.subject, "origin": joined.origin}
        await work.audit(UNLINK, ("seat", seat.id), before=before, after={"sessions_ended": ended}, reason=data.reason)
    return await _links(work, seat)


async def _keep_a_way_in(work: Work, session: AsyncSession, seat_id: UUID, identity_id: UUID) -> None:
    """Refuse if without this account nobody could come in who can give roles."""
    able = await able_seats(work)
    if seat_id not in able:
        return
    issuers = await _trusted(work)
    left = (
        select(IdentitySeat.seat_id)
        .join(Identity, Identity.id == IdentitySeat.identity_id)
        .where(
            IdentitySeat.scope_id == work.ctx.scope.id,
            IdentitySeat.seat_id.in_(able),
            IdentitySeat.identity_id != identity_id,
            Identity.issuer.in_(issuers),
        )
    )
    if (await session.execute(left.limit(1))).first() is None:
        raise Refused(
            t("Nobody who can give roles here could sign in any more."),
            t("Link another person’s account first, and give them the role without an end."),
        )


async def _locked(work: Work, seat_id: str) -> Seat:
    """Return the seat; whoever makes or withdraws a link for it, or shuts its person or who acts out, waits."""
    seat: Seat = await work.get(Seat, seat_id)
    await hold_maker(work, seat.id)
    await work.session.refresh(seat)
    return seat


async def _withdraw(work: Work, seat: Seat, reason: str) -> bool:
    """Withdraw the seat's open link, if there is one; one that is too old goes without a line."""
    chosen = (
        update(SeatInvitation)
        .where(
            SeatInvitation.tenant_id == work.ctx.scope.id,
            SeatInvitation.seat_id == seat.id,
            SeatInvitation.used_at.is_(None),
            SeatInvitation.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=work.now)
        .returning(SeatInvitation.expires_at)
    )
    expires_at = (await work.session.execute(chosen)).scalar_one_or_none()
    if expires_at is None or expires_at <= work.now:
        return False
    await work.audit("invitation.withdraw", ("seat", seat.id), before={"expires_at": expires_at}, reason=reason)
    return True


async def _links(work: Work, seat: Seat) -> SeatLinks:
    accounts = await _accounts(work, seat.id)
    return SeatLinks(
        id=seat.id,
        name=seat.name,
        invitable=seat.active and bool(await _with_room(work, accounts)),
        accounts=accounts,
        invitation=await _invitation(work, seat.id),
    )


async def _accounts(work: Work, seat_id: UUID) -> list[LinkedAccount]:
    """Return the accounts that open a seat of this scope, the oldest link first."""
    issuers, names = await _trusted(work), await _names(work)
    chosen = (
        select(Identity, IdentitySeat.origin, IdentitySeat.created_at)
        .join(IdentitySeat, IdentitySeat.identity_id == Identity.id)
        .where(IdentitySeat.scope_id == work.ctx.scope.id, IdentitySeat.seat_id == seat_id)
        .order_by(IdentitySeat.created_at, Identity.id)
    )
    async with identities(work) as session:
        rows = (await session.execute(chosen)).all()
    return [
        LinkedAccount(
            id=one.id,
            provider=", ".join(names[one.issuer]) or None,
            issuer=one.issuer,
            subject=one.subject,
            origin=origin,
            linked_at=since,
            trusted=one.issuer in issuers,
        )
        for one, origin, since in rows
    ]


async def _invitation(work: Work, seat_id: UUID) -> InvitationOut | None:
    chosen = (
        select(SeatInvitation, Seat.name)
        .join(Seat, (Seat.tenant_id == SeatInvitation.tenant_id) & (Seat.id == SeatInvitation.made_by))
        .where(
            SeatInvitation.tenant_id == work.ctx.scope.id,
            SeatInvitation.seat_id == seat_id,
            SeatInvitation.used_at.is_(None),
            SeatInvitation.withdrawn_at.is_(None),
            SeatInvitation.expires_at > work.now,
        )
    )
    row = (await work.session.execute(chosen)).one_or_none()
    if row is None:
        return None
    one, maker = row
    return InvitationOut(made_by=maker, created_at=one.created_at, expires_at=one.expires_at, reason=one.reason)


async def _trusted(work: Work) -> set[str]:
    """Return the issuers whose sign-ins the scope accepts now."""
    chosen = select(IdentityProvider.issuer).where(
        IdentityProvider.tenant_id == work.ctx.scope.id, IdentityProvider.state.in_(ON)
    )
    return set(await work.session.scalars(chosen))


async def _names(work: Work) -> Mapping[str, list[str]]:
    """Return what the scope calls its providers, by issuer: those that people sign in through first."""
    chosen = (
        select(IdentityProvider.issuer, IdentityProvider.name)
        .where(IdentityProvider.tenant_id == work.ctx.scope.id, IdentityProvider.state != "draft")
        .order_by(IdentityProvider.state.in_(ON).desc(), IdentityProvider.created_at, IdentityProvider.id)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for issuer, name in await work.session.execute(chosen):
        if name not in found[issuer]:
            found[issuer].append(name)
    return found


async def _with_room(work: Work, accounts: list[LinkedAccount]) -> set[str]:
    """Return those of the trusted issuers of which one more account may be linked, beside ``accounts``."""
    known = Counter(one.issuer for one in accounts)
    return {one for one in await _trusted(work) if known[one] < len(await registrations(work, one))}


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
