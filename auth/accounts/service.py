"""Use cases on service accounts: programs that are let in, each by a token that can be replaced while it works.

An account is what its tokens have in common: name, kind and rights, and an id that stays when a
token is replaced, so that the log knows a program as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from auth.accounts.reading import Account, account_list, account_out, accounts
from auth.accounts.schemas import AccountIn, AccountList, EndAccount, Made, Rotate
from auth.leaving import hold_maker
from auth.models import ApiToken
from auth.red_button.pressing import open_stop
from auth.roles import ROLES
from auth.service import EVERYWHERE
from auth.tokens import Kind, create_token
from core.context import Ctx
from core.errors import Fault, NotFound, Refused
from core.text import t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.intake import refuse
from core.use_cases.work import Work

TOKEN_MANAGE = "token.manage"  # noqa: S105 - a permission
PAGE = t("Do it on the page of programs.")
ANOTHER = t("If nobody has the token’s text, give the program another one on the page “Programs”.")
SERVED = EVERYWHERE - {"mission"}
"""Where programs are let in: a commander’s seat is one person’s, for the dates of a mission."""


@use_case(permission=TOKEN_MANAGE, input=Nothing, output=AccountList, scopes=SERVED, reads=True)
async def list_accounts(work: Work, data: Nothing) -> AccountList:
    """List the programs that are let in or have ended lately, with until when, why, and when they last came."""
    return await account_list(work)


def _wrong(ctx: Ctx, given: Mapping[str, Any]) -> Iterator[Fault]:
    kind, asked = given.get("kind"), given.get("role")
    role = ROLES[ctx.scope.kind].get(asked or "")
    if role is not None and role.apart:
        yield Fault("/role", t("What is health’s own is for persons: no program has this role."))
    elif kind == "api" and "role" in given and not asked:
        yield Fault("/role", t("Choose what the program may do: without a role it can do nothing."))
    elif kind == "scim" and asked:
        yield Fault("/role", t("A directory’s token has no role."))


@use_case(
    permission=TOKEN_MANAGE,
    input=AccountIn,
    output=Made,
    scopes=SERVED,
    backdated=NOW,
    in_person=PAGE,
    shown_once=ANOTHER,
    checks=_wrong,
)
async def add_account(work: Work, data: AccountIn) -> Made:
    """Let a program in, and return its first token. The text is shown this once."""
    refuse(_wrong(work.ctx, msgspec.structs.asdict(data)), AccountIn)
    made_by = await _maker(work)
    row, text = await create_token(
        work.session,
        work.ctx.clock,
        work.ctx.scope,
        name=data.name,
        roles=[data.role] if data.role else [],
        days=data.days,
        kind=data.kind,
        reads_only=data.reads_only and data.kind == "api",
        created_by=made_by,
    )
    after = {"name": row.name, "kind": row.kind, "roles": row.roles, "reads_only": row.reads_only}
    after |= {"expires_at": row.expires_at}
    await work.audit("api_token.create", ("api_token", row.id), after=after, reason=data.reason)
    return Made(text=text, account=await account_out(work, row.account_id))


@use_case(
    permission=TOKEN_MANAGE,
    input=Rotate,
    output=Made,
    scopes=SERVED,
    backdated=NOW,
    in_person=PAGE,
    shown_once=ANOTHER,
)
async def rotate_token(work: Work, data: Rotate) -> Made:
    """Give a program a new token; those it has end when the overlap is over. One that has ended comes in again."""
    made_by = await _maker(work)
    account = await _held(work, data.id)
    newest = account.newest
    kind: Kind = "scim" if newest.kind == "scim" else "api"
    row, text = await create_token(
        work.session,
        work.ctx.clock,
        work.ctx.scope,
        name=newest.name,
        roles=newest.roles,
        days=data.days,
        kind=kind,
        reads_only=newest.reads_only,
        created_by=made_by,
        account_id=newest.account_id,
    )
    until = work.now + timedelta(hours=data.overlap_hours)
    for old in account.works:
        old.expires_at = min(old.expires_at, until)
    await work.session.flush()
    after = {"name": row.name, "expires_at": row.expires_at}
    await work.audit("api_token.rotate", ("api_token", row.id), after=after, reason=data.reason)
    return Made(text=text, account=await account_out(work, row.account_id))


@use_case(permission=TOKEN_MANAGE, input=EndAccount, output=AccountList, scopes=SERVED, backdated=NOW)
async def end_account(work: Work, data: EndAccount) -> AccountList:
    """Shut a program out for good: none of its tokens works any more, and it gets no other one."""
    account = await _held(work, data.id)
    for row in [account.newest, *(one for one in account.works if one is not account.newest)]:
        row.revoked_at, row.end_cause = row.revoked_at or work.now, "shut_out"
        await work.audit("api_token.revoke", ("api_token", row.id), after={"name": row.name}, reason=data.reason)
    await work.session.flush()
    return await account_list(work)


async def _maker(work: Work) -> UUID:
    """Return the seat of whoever lets a program in: it is a person's doing, and ends when that person is gone."""
    await hold_maker(work)
    if await open_stop(work, work.ctx.scope.id, None) is not None:
        raise Refused(
            t("Signing in is stopped here: a token made now would not work, not even afterwards."),
            t("Let people sign in again first."),
        )
    return work.ctx.actor.id


async def _held(work: Work, text: str) -> Account:
    """Return an account; whoever else changes it waits.

    Raises ``NotFound`` if there is none such that works or has ended lately, ``Refused`` if it was shut out.
    """
    account_id = _key(text)
    # The account’s first token is held for all of them, by a statement of its own: what reads after it sees the
    # token that somebody made who held it before.
    first = select(ApiToken.id).where(ApiToken.tenant_id == work.ctx.scope.id, ApiToken.id == account_id)
    await work.session.execute(first.with_for_update())
    found = await accounts(work, ApiToken.account_id == account_id)
    if not found:
        raise NotFound
    if found[0].cause == "shut_out":
        raise Refused(
            t("%(name)s was shut out, and stays so.", name=found[0].newest.name),
            t("If it is to come in again, let it in as a new program."),
        )
    return found[0]


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
