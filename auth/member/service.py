"""Use cases of an officer on their own member access: passkeys, and codes to print."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, delete, select

from auth.member import challenges
from auth.member.codes import MANY, digest_of, new_code
from auth.member.models import MemberAccess, MemberChallenge, MemberCode, Passkey
from auth.member.passkeys import Unproved, check_new, options_to_add
from auth.member.schemas import AddPasskey, Begun, Codes, OwnAccess, PasskeyOut, RenamePasskey, ToSign
from auth.member.term import NO_END, last_day, stays_of
from core.errors import NotFound, Refused
from core.text import t
from core.use_cases.declaration import NOW, ById, Nothing, use_case
from core.use_cases.output import shown
from core.use_cases.step_up import OWN_ACCESS
from core.use_cases.work import Work

MEMBER_ENROL = "member.enrol"
MOST_PASSKEYS = 10
LATE, ANEW = t("This passkey was begun too long ago, or is added already."), t("Begin anew.")


@use_case(permission=MEMBER_ENROL, input=Nothing, output=OwnAccess, reads=True)
async def own_access(work: Work, data: Nothing) -> OwnAccess:
    """Show one's own member access: whether it may be set up, until when it lasts, and what opens it."""
    access = await _access(work)
    last = await _last_day(work, access)
    passkeys = await _passkeys(work, access)
    codes = [] if access is None else list(await work.session.scalars(_codes(access)))
    return OwnAccess(
        linked=work.ctx.actor.officer_id is not None,
        offered=last is not None and work.ctx.today <= last and (access is None or access.ended_at is None),
        ended=None if access is None else access.end_reason,
        last_day=None if last == NO_END else last,
        passkeys=[shown(PasskeyOut, row) for row in passkeys],
        codes_left=len([row for row in codes if row.used_at is None]),
        printed_at=codes[0].created_at if codes else None,
    )


@use_case(permission=MEMBER_ENROL, input=Nothing, output=Begun, quiet=True, backdated=NOW, step_up=OWN_ACCESS)
async def begin_passkey(work: Work, data: Nothing) -> Begun:
    """Begin to add a passkey: the browser then has some minutes to make it."""
    access = await _opened(work)
    if len(await _passkeys(work, access)) >= MOST_PASSKEYS:
        raise Refused(t("You have %(most)s passkeys.", most=MOST_PASSKEYS), t("Remove one you no longer use."))
    made = await challenges.begin(work.session, work.ctx, seat_id=work.ctx.actor.id)
    return Begun(made.id)


@use_case(permission=MEMBER_ENROL, input=ById, output=ToSign, reads=True)
async def passkey_to_make(work: Work, data: ById) -> ToSign:
    """Show what the browser is asked to make a passkey that was begun."""
    begun = await _begun(work, data.id)
    known = [row.credential_id for row in await _passkeys(work, await _access(work))]
    actor, address = work.ctx.actor, work.ctx.database.settings.address
    return ToSign(options_to_add(address, begun.challenge, seat_id=actor.id, name=actor.name, known=known))


@use_case(permission=MEMBER_ENROL, input=AddPasskey, output=OwnAccess, backdated=NOW, step_up=OWN_ACCESS)
async def add_passkey(work: Work, data: AddPasskey) -> OwnAccess:
    """Add the passkey that the browser made. It opens one's own file from now on."""
    access = await _opened(work)
    seat_id, address = work.ctx.actor.id, work.ctx.database.settings.address
    begun = await _begun(work, data.id)
    challenge = await challenges.claim(work.session, work.ctx, begun.id, seat_id=seat_id)
    if challenge is None:
        raise Refused(LATE, ANEW)
    try:
        made = check_new(address, challenge, data.passkey)
    except Unproved:
        raise Refused(
            t("The browser’s answer was not accepted: no passkey was added."), t("Begin anew, or print codes instead.")
        ) from None
    row = Passkey(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        access_id=access.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        synced=made.synced,
        name=data.name,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await work.audit("passkey.add", ("passkey", row.id), after={"name": row.name, "synced": row.synced})
    return await own_access(work, Nothing())


@use_case(permission=MEMBER_ENROL, input=RenamePasskey, output=OwnAccess, backdated=NOW)
async def rename_passkey(work: Work, data: RenamePasskey) -> OwnAccess:
    """Call one of one's own passkeys otherwise."""
    row = await _passkey(work, data.id)
    before, row.name = {"name": row.name}, data.name
    await work.session.flush()
    await work.audit("passkey.rename", ("passkey", row.id), before=before, after={"name": row.name})
    return await own_access(work, Nothing())


@use_case(permission=MEMBER_ENROL, input=ById, output=OwnAccess, backdated=NOW)
async def drop_passkey(work: Work, data: ById) -> OwnAccess:
    """Remove one of one's own passkeys: it opens nothing any more."""
    row = await _passkey(work, data.id)
    await work.session.delete(row)
    await work.session.flush()
    await work.audit("passkey.drop", ("passkey", row.id), before={"name": row.name})
    return await own_access(work, Nothing())


@use_case(
    permission=MEMBER_ENROL,
    input=Nothing,
    output=Codes,
    backdated=NOW,
    step_up=OWN_ACCESS,
    shown_once=t("If you have not copied the codes, print new ones: these then open nothing any more."),
)
async def print_codes(work: Work, data: Nothing) -> Codes:
    """Make ten codes to print, each good once. Those printed before open nothing any more."""
    access = await _opened(work)
    # Two who print at once would each leave ten good codes.
    await work.session.refresh(access, with_for_update=True)
    mine = (MemberCode.tenant_id == access.tenant_id) & (MemberCode.access_id == access.id)
    await work.session.execute(delete(MemberCode).where(mine))
    codes = [new_code() for _ in range(MANY)]
    for code in codes:
        digest = digest_of(code)
        assert digest is not None
        work.session.add(
            MemberCode(
                tenant_id=access.tenant_id, id=work.new_id(), access_id=access.id, digest=digest, created_at=work.now
            )
        )
    await work.session.flush()
    await work.audit("member_access.print", ("member_access", access.id), after={"codes": len(codes)})
    return Codes(codes)


async def _access(work: Work) -> MemberAccess | None:
    """Return the access of this seat to the file that belongs to it, if it was ever set up."""
    actor = work.ctx.actor
    if actor.officer_id is None:
        return None
    found: MemberAccess | None = await work.session.scalar(
        select(MemberAccess).where(
            MemberAccess.tenant_id == work.ctx.scope.id,
            MemberAccess.seat_id == actor.id,
            MemberAccess.officer_id == actor.officer_id,
        )
    )
    return found


async def _opened(work: Work) -> MemberAccess:
    """Return one's own access, set up now if it was not before. Raises ``Refused``."""
    officer_id = work.ctx.actor.officer_id
    if officer_id is None:
        raise Refused(
            t("No officer file belongs to your seat."), t("Ask your administrator to link it: your name is not enough.")
        )
    work.require(MEMBER_ENROL, owner=officer_id)
    access = await _access(work)
    if access is not None and access.ended_at is not None:
        raise Refused(
            t("Your service has ended your member access."), t("Ask your service’s administrator or privacy officer.")
        )
    last = await _last_day(work, access)
    if last is None or work.ctx.today > last:
        raise Refused(
            t("Member access is for officers who are selected, and until a year after their return file is closed."),
            t("You can set it up once you are selected."),
        )
    if access is None:
        access = MemberAccess(
            tenant_id=work.ctx.scope.id,
            id=work.new_id(),
            seat_id=work.ctx.actor.id,
            officer_id=officer_id,
            opened_on=work.ctx.today,
            created_at=work.now,
        )
        work.session.add(access)
        await work.session.flush()
        await work.audit("member_access.open", ("member_access", access.id))
    return access


async def _last_day(work: Work, access: MemberAccess | None) -> date | None:
    officer_id = work.ctx.actor.officer_id
    if officer_id is None:
        return None
    stays = await stays_of(work.session, work.ctx.scope.id, [officer_id])
    return last_day(stays[officer_id], None if access is None else access.opened_on)


async def _passkeys(work: Work, access: MemberAccess | None) -> list[Passkey]:
    if access is None:
        return []
    chosen = select(Passkey).where(Passkey.tenant_id == access.tenant_id, Passkey.access_id == access.id)
    return list(await work.session.scalars(chosen.order_by(Passkey.created_at, Passkey.id)))


async def _passkey(work: Work, key: str) -> Passkey:
    """Return one of one's own passkeys; anybody else's does not exist here."""
    row: Passkey = await work.get(Passkey, key)
    access = await _access(work)
    if access is None or row.access_id != access.id:
        raise NotFound
    return row


def _codes(access: MemberAccess) -> Select[MemberCode]:
    return select(MemberCode).where(MemberCode.tenant_id == access.tenant_id, MemberCode.access_id == access.id)


async def _begun(work: Work, key: str) -> MemberChallenge:
    """Return what one began oneself and may still finish. Raises ``NotFound`` or ``Refused``."""
    row: MemberChallenge = await work.get(MemberChallenge, key)
    if row.seat_id != work.ctx.actor.id:
        raise NotFound
    if row.used_at is not None or row.expires_at <= work.now:
        raise Refused(LATE, ANEW)
    return row
