"""Use cases on accounts of the directory (SCIM) that belong to nobody here: somebody says whose they are."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, func, select

from auth.claim_rules.following import follow_groups
from auth.keeping import keeping_somebody
from auth.linking.schemas import DirectoryAccount, DirectoryAccounts, LinkAccount, SeatAccount
from auth.models import Seat
from auth.scim.feeding import follow_directory, told_of
from auth.scim.holding import hold_directory
from auth.scim.models import ScimResource
from auth.service import SEAT_MANAGE, SEAT_READ
from core.database.folding import holds
from core.errors import Fault, Invalid, NotFound
from core.personnel.models import Officer
from core.text import t
from core.use_cases.declaration import NOW, ById, use_case
from core.use_cases.fields import field
from core.use_cases.paging import MOST, page_of
from core.use_cases.work import Work

USERS = "User"
PAGE = t("Do it on the page of the directory’s accounts.")


Which = Literal["nobodys", "by_hand"]
WHICH = {"nobodys": t("Nobody’s here"), "by_hand": t("Linked by hand")}


class ListAccounts(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts to list."""

    q: Annotated[str, field(t("Name"), longest=100)] = ""
    which: Annotated[Which, field(t("Which accounts"), choices=WHICH)] = "nobodys"
    after: Annotated[UUID | None, field(t("After"), widget="hidden")] = None
    limit: Annotated[int, field(t("Rows"), least=1, most=MOST)] = MOST


@use_case(permission=SEAT_READ, input=ListAccounts, output=DirectoryAccounts, reads=True)
async def list_directory_accounts(work: Work, data: ListAccounts) -> DirectoryAccounts:
    """List the accounts of the directory that are nobody's here, or those that somebody linked by hand, with whose."""
    tenant = work.ctx.scope.id
    number = func.coalesce(ScimResource.linked_number, ScimResource.employee_number)
    officers = select(Officer.employee_number).where(Officer.tenant_id == tenant)
    nobodys = ScimResource.linked_seat_id.is_(None) & (number.is_(None) | number.not_in(officers))
    chosen = (
        _owned()
        .where(
            ScimResource.tenant_id == tenant,
            ScimResource.kind == USERS,
            _by_hand() if data.which == "by_hand" else nobodys,
            holds(data.q, ScimResource.name_key),
        )
        .order_by(ScimResource.name_key, ScimResource.id)
    )
    found = [_shown(row, owner) for row, owner in await work.session.execute(chosen)]
    users = (ScimResource.tenant_id == tenant) & (ScimResource.kind == USERS)
    counted = select(func.count(), func.count().filter(_by_hand())).where(users)
    known, linked = (await work.session.execute(counted)).one()
    page, after = page_of(found, data.after, data.limit)
    return DirectoryAccounts(page, known=known, linked=linked, next=after)


@use_case(permission=SEAT_MANAGE, input=ById, output=DirectoryAccount, reads=True)
async def get_directory_account(work: Work, data: ById) -> DirectoryAccount:
    """Show one account of the directory, and whose it is here."""
    row: ScimResource = await work.get(ScimResource, data.id)
    chosen = _owned().where(ScimResource.tenant_id == work.ctx.scope.id, ScimResource.id == row.id)
    account, owner = (await work.session.execute(chosen)).one()
    return _shown(account, owner)


@use_case(permission=SEAT_MANAGE, input=LinkAccount, output=DirectoryAccount, backdated=NOW, in_person=PAGE)
async def link_account(work: Work, data: LinkAccount) -> DirectoryAccount:
    """Say whose an account of the directory is; from then on the directory opens and shuts that officer's seat."""
    row = await _held(work, data.id)
    chosen = select(Officer.id).where(
        Officer.tenant_id == work.ctx.scope.id, Officer.employee_number == data.employee_number
    )
    officer = await work.session.scalar(chosen)
    if officer is None:
        raise Invalid([Fault("/employee_number", t("No officer here has this number."))])
    return await _link(work, row, data.reason, number=data.employee_number)


@use_case(permission=SEAT_MANAGE, input=SeatAccount, output=DirectoryAccount, backdated=NOW, in_person=PAGE)
async def link_seat_account(work: Work, data: SeatAccount) -> DirectoryAccount:
    """Say which person an account of the directory is; from then on the directory opens and shuts their seat."""
    row = await _held(work, data.id)
    seat: Seat = await work.get(Seat, data.seat_id)
    return await _link(work, row, data.reason, seat_id=seat.id)


async def _held(work: Work, account_id: str) -> ScimResource:
    """Return an account, held in the directory's own order: first it, then what follows from it."""
    row: ScimResource = await work.get(ScimResource, account_id)
    if row.kind != USERS:
        raise NotFound
    await work.session.refresh(row, with_for_update=True)
    work.check_version(row)
    await hold_directory(work)
    return row


async def _link(
    work: Work, row: ScimResource, reason: str, *, number: str | None = None, seat_id: UUID | None = None
) -> DirectoryAccount:
    """Keep whose ``row`` is: of the officer with this number, else of whoever sits in the seat."""
    before = _told(row)
    # A closed account shuts its person out; an open one takes its roles by groups along.
    async with keeping_somebody(work):
        row.linked_number, row.linked_seat_id = number, seat_id
        await work.session.flush()
        after = _told(row) | {"name": row.name_key}
        await work.audit("scim_user.link", ("scim_user", row.id), before=before, after=after, reason=reason)
        await follow_directory(work, row.whose)
        await follow_groups(work)
    return await get_directory_account(work, ById(str(row.id)))


def _told(row: ScimResource) -> dict[str, Any]:
    """Return what the log tells of whose an account is."""
    told = told_of(row)
    return {name: told[name] for name in ("employee_number", "seat_id") if name in told}


def _by_hand() -> ColumnElement[bool]:
    return ScimResource.linked_number.is_not(None) | ScimResource.linked_seat_id.is_not(None)


def _owned() -> Select[ScimResource, Seat]:
    """Return what chooses accounts, each with the seat that is theirs here, if there is one."""
    number = func.coalesce(ScimResource.linked_number, ScimResource.employee_number)
    file = (Officer.tenant_id == ScimResource.tenant_id) & (Officer.employee_number == number)
    own = ScimResource.linked_seat_id.is_(None) & (Seat.officer_id == Officer.id)
    return (
        select(ScimResource, Seat)
        .outerjoin(Officer, file)
        .outerjoin(Seat, (Seat.tenant_id == ScimResource.tenant_id) & ((Seat.id == ScimResource.linked_seat_id) | own))
    )


def _shown(row: ScimResource, owner: Seat | None) -> DirectoryAccount:
    name = row.body.get("displayName")
    return DirectoryAccount(
        id=row.id,
        name=row.name_key,
        display=name if isinstance(name, str) else None,
        employee_number=row.number,
        by_hand=row.linked_number is not None or row.linked_seat_id is not None,
        seat_id=None if owner is None else owner.id,
        person=None if owner is None else owner.name,
        active=row.active,
        version=row.version,
    )
