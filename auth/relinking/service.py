"""Use cases on a change of provider: preview whose account is whose, link the new ones, let the old ones go.

Seats stay what they are, so roles, delegations and cases do not move.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.keeping import keeping_somebody
from auth.models import IdentityProvider, Seat
from auth.one_person import UNLINK
from auth.relinking.comparing import MOST_LINES, Line, Row, read_lines
from auth.relinking.completing import compared, link_rest, pair, rows_of, still_so, to_link, unlink_old
from auth.relinking.lifecycle import RELINK
from auth.relinking.models import Relink
from auth.relinking.schemas import OfRelink, RelinkFile, RelinkIn, RelinkList, RelinkOut
from auth.relinking.seating import RELINK as ORIGIN
from auth.relinking.seating import sit_down_all
from auth.relying_party.identities import identities, linking
from auth.scim.models import ScimResource
from auth.service import SEAT_MANAGE, SEAT_READ
from auth.sessions import end_sessions_begun
from auth.setup.lifecycle import ON
from core.context import Ctx
from core.database.sessions import identity_session
from core.documents.content import CSV, TEXT
from core.documents.disposal import dispose
from core.documents.purposes import MEGABYTE, Purpose, declare_purpose
from core.documents.service import open_document
from core.errors import Fault, Invalid, NotFound, Refused
from core.text import t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.intake import refuse
from core.use_cases.lifecycle import Step, move
from core.use_cases.output import shown
from core.use_cases.work import Work

PURPOSE = declare_purpose(
    Purpose(
        "relink", t("Accounts at another sign-in service"), frozenset({CSV, TEXT}), SEAT_MANAGE, 2 * MEGABYTE, days=1
    )
)
PAGE = t("Do it on the page of the change.")
MOST_LISTED = 50


@use_case(permission=SEAT_READ, input=Nothing, output=RelinkList, reads=True)
async def list_relinks(work: Work, data: Nothing) -> RelinkList:
    """List the changes of provider that were previewed, the newest first."""
    chosen = select(Relink).where(Relink.tenant_id == work.ctx.scope.id)
    rows = await work.session.scalars(chosen.order_by(Relink.created_at.desc(), Relink.id.desc()).limit(MOST_LISTED))
    return RelinkList([await _shown(work, row) for row in rows.all()])


@use_case(permission=SEAT_READ, input=OfRelink, output=RelinkFile, reads=True)
async def get_relink(work: Work, data: OfRelink) -> RelinkFile:
    """Show a change of provider: what becomes of each line and of each person."""
    return await _file(work, await work.get(Relink, data.id), data)


def _wrong(ctx: Ctx, given: Mapping[str, Any]) -> Iterator[Fault]:
    old, new = given.get("old_provider_id"), given.get("new_provider_id")
    if new is not None and new == old:
        yield Fault("/new_provider_id", t("Choose another sign-in service than the one you come from."))
    if given.get("source") == "file" and "document_id" in given and given["document_id"] is None:
        yield Fault("/document_id", t("Choose a file."))


@use_case(permission=SEAT_MANAGE, input=RelinkIn, output=RelinkFile, backdated=NOW, in_person=PAGE, checks=_wrong)
async def preview_relink(work: Work, data: RelinkIn) -> RelinkFile:
    """Compare the people of the service with their accounts at another provider. Nothing is linked."""
    refuse(_wrong(work.ctx, msgspec.structs.asdict(data)), RelinkIn)
    old, new = await _providers(work, data)
    lines = await _lines(work, data)
    async with identity_session(work.ctx.database) as session:
        rows = await compared(work, session, old, new, lines)
    relink = Relink(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        old_provider_id=old.id,
        new_provider_id=new.id,
        source=data.source,
        state=RELINK.initial,
        rows=msgspec.to_builtins(rows),
        made_by=work.ctx.actor.id,
        created_at=work.now,
    )
    work.session.add(relink)
    await work.session.flush()
    after = {"old_provider": old.name, "new_provider": new.name, "source": data.source, **_counts(rows)}
    await work.audit("relink.preview", ("relink", relink.id), after=after)
    return await _file(work, relink, OfRelink(id=str(relink.id)))


@use_case(permission=SEAT_MANAGE, input=Step, output=RelinkFile, backdated=NOW, in_person=PAGE, around=linking)
async def move_relink(work: Work, data: Step) -> RelinkFile:
    """Link the accounts of a preview, all or none; drop it; or unlink the old ones once their provider is off."""
    async with identities(work) as session:
        relink: Relink = await work.get(Relink, data.id)
        await work.session.refresh(relink, with_for_update=True)
        changes = {"applied_at": work.now} if data.step == "apply" else {}
        await move(work, relink, RELINK, data.step, reason=data.reason, changes=changes)
        await _DOING[data.step](work, session, relink)
    return await _file(work, relink, OfRelink(id=data.id))


async def _apply(work: Work, session: AsyncSession, relink: Relink) -> None:
    """Do what the preview said, if it still says so; who was linked since has a line of that."""
    _, new = await pair(work, relink)
    held = to_link(relink)
    if not held:
        raise Refused(t("Nothing in this preview is to be linked."), t("Look at it again, or drop it."))
    same, wanted = await still_so(work, session, relink)
    if same != len(held) or await sit_down_all(work, session, new.issuer, wanted) != wanted.keys():
        raise Refused(
            t("Something has changed since the preview: an account, a seat or a number."),
            t("Make a new preview: it takes that into account."),
        )
    for subject, seat_id in sorted(wanted.items()):
        after = {"issuer": new.issuer, "subject": subject, "origin": ORIGIN}
        await work.audit("identity.link", ("seat", seat_id), after=after)
        # Whoever sits there learns of it, should the account not be theirs.
        told = t("You can now sign in with %(provider)s, too: a new account was linked to you.", provider=new.name)
        await work.notify(told, link="/session", seat=seat_id)


async def _finish(work: Work, session: AsyncSession, relink: Relink) -> None:
    old, new = await pair(work, relink)
    if old.state != "off":
        raise Refused(
            t("The old sign-in service still lets people in."),
            t("Switch it off first: until then both accounts open the seats."),
        )
    set_ups = await _set_ups(work, old, new)
    if not any(one.state in ON for one in set_ups.new):
        raise Refused(
            t("The new sign-in service lets nobody in yet."),
            t("Put it in force first: without the old accounts nobody could come in."),
        )
    if any(one.state in ON for one in set_ups.old):
        raise Refused(
            t("Another set-up of the old sign-in service lets people in, by the same accounts."),
            t("Switch that one off first, or leave the old accounts as they are."),
        )
    begun = {old.id, *(one.id for one in set_ups.old)}
    async with keeping_somebody(work):
        # Nobody is left with neither account, should the job that completes the first step be still to come.
        await link_rest(work, session, relink)
        for seat_id, subject in sorted(await unlink_old(work, session, relink, work.now)):
            ended = await end_sessions_begun(work.session, work.ctx.scope, seat_id, begun, work.now)
            before, after = {"issuer": old.issuer, "subject": subject}, {"sessions_ended": ended}
            await work.audit(UNLINK, ("seat", seat_id), before=before, after=after)


class _SetUps(NamedTuple):
    """The rows by which people sign in, or did, with the old accounts and with the new: copies took their places."""

    old: list[IdentityProvider]
    new: list[IdentityProvider]


async def _set_ups(work: Work, old: IdentityProvider, new: IdentityProvider) -> _SetUps:
    chosen = select(IdentityProvider).where(
        IdentityProvider.tenant_id == work.ctx.scope.id, IdentityProvider.issuer.in_({old.issuer, new.issuer})
    )
    found = _SetUps([], [])
    for row in await work.session.scalars(chosen):
        if (row.issuer, row.client_id) == (new.issuer, new.client_id):
            found.new.append(row)
        elif row.issuer == old.issuer:
            found.old.append(row)
    return found


async def _drop(work: Work, session: AsyncSession, relink: Relink) -> None:
    """Keep nothing of what is not used but the counts in the log."""
    relink.rows = []
    await work.session.flush()


_DOING = {"apply": _apply, "finish": _finish, "drop": _drop}


async def _providers(work: Work, data: RelinkIn) -> tuple[IdentityProvider, IdentityProvider]:
    old = await _provider(work, data.old_provider_id, "/old_provider_id")
    new = await _provider(work, data.new_provider_id, "/new_provider_id")
    if old.id == new.id:
        raise Invalid([Fault("/new_provider_id", t("Choose another sign-in service than the one you come from."))])
    if new.state == "off":
        raise Invalid([Fault("/new_provider_id", t("This sign-in service is switched off."))])
    if data.source == "number":
        if new.number_claim is None:
            said = t("It has no claim with the employee number: name it on the page “Linking accounts” first.")
            raise Invalid([Fault("/new_provider_id", said)])
        if old.issuer == new.issuer:
            raise Invalid(
                [Fault("/source", t("Both are of one issuer, where nobody is linked by number: take a file."))]
            )
    return old, new


async def _provider(work: Work, id: str, pointer: str) -> IdentityProvider:
    try:
        found: IdentityProvider = await work.get(IdentityProvider, id)
    except NotFound:
        raise Invalid([Fault(pointer, t("Choose a sign-in service of your own."))]) from None
    return found


async def _lines(work: Work, data: RelinkIn) -> list[Line] | None:
    """Return the new accounts, by employee number; ``None`` where each comes with the first sign-in."""
    if data.source == "number":
        return None
    if data.source == "directory":
        return await _accounts(work)
    assert data.document_id is not None
    about, content = await open_document(work, data.document_id)
    if about.purpose != PURPOSE.key:
        raise NotFound
    lines = read_lines(b"".join([part async for part in content]))
    await dispose(work, about.id)
    return lines


async def _accounts(work: Work) -> list[Line]:
    chosen = (
        select(ScimResource)
        .where(
            ScimResource.tenant_id == work.ctx.scope.id,
            ScimResource.kind == "User",
            ScimResource.active,
            ScimResource.external_id.is_not(None),
        )
        .order_by(ScimResource.name_key, ScimResource.id)
        .limit(MOST_LINES)
    )
    found = [
        Line(one.number or "", one.external_id or "", seat_id=one.linked_seat_id)
        for one in await work.session.scalars(chosen)
    ]
    if not found:
        raise Refused(
            t("No open account of the directory has an externalId."),
            t("Let the directory send it, or take a file."),
        )
    return [line for line in found if line.whose]


def _counts(rows: list[Row]) -> dict[str, int]:
    return dict(Counter(row.outcome for row in rows))


async def _shown(work: Work, relink: Relink) -> RelinkOut:
    old, new = await pair(work, relink)
    maker = await work.session.scalar(
        select(Seat.name).where(Seat.tenant_id == work.ctx.scope.id, Seat.id == relink.made_by)
    )
    more: dict[str, Any] = {"old_provider": old.name, "new_provider": new.name, "old_state": old.state}
    return shown(RelinkOut, relink, **more, counts=_counts(rows_of(relink)), made_by=maker or "")


async def _file(work: Work, relink: Relink, asked: OfRelink) -> RelinkFile:
    rows = [row for row in rows_of(relink) if asked.outcome in (None, row.outcome)]
    end = asked.after + asked.limit
    return RelinkFile(
        relink=await _shown(work, relink),
        rows=rows[asked.after : end],
        next=end if end < len(rows) else None,
    )
