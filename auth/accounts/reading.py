"""How service accounts are read: each from its tokens, those that work and for a while those that have ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from auth.accounts.schemas import AccountList, AccountOut, TokenOut
from auth.models import ApiToken, Seat
from auth.outliving import outlived
from auth.red_button.stops import token_stopped
from core.use_cases.output import shown
from core.use_cases.work import Work

LISTED = timedelta(days=90)
"""For how long after its end an account is listed, and may be given a new token."""


class Account(NamedTuple):
    """An account: its tokens that are not long ended, the newest first, and those of them that work."""

    tokens: list[ApiToken]
    works: list[ApiToken]
    stopped: bool
    """Whether a stop has ended the newest, whose row may not say so yet."""

    @property
    def newest(self) -> ApiToken:
        """The token that says what the account may do."""
        return self.tokens[0]

    @property
    def cause(self) -> str | None:
        """Why the account has ended, if it has."""
        if self.works:
            return None
        return self.newest.end_cause or ("stop" if self.stopped else "expired")


async def accounts(work: Work, *chosen: ColumnElement[bool]) -> list[Account]:
    """Return the accounts whose tokens are ``chosen`` that work, or have ended lately."""
    since = work.now - LISTED
    found = (
        select(ApiToken, token_stopped())
        .where(
            ApiToken.tenant_id == work.ctx.scope.id,
            ApiToken.expires_at > since,
            or_(ApiToken.revoked_at.is_(None), ApiToken.revoked_at > since),
            *chosen,
        )
        .order_by(ApiToken.account_id, ApiToken.id.desc())
    )
    rows = (await work.session.execute(found)).all()
    made = []
    for _, group in groupby(rows, key=lambda row: row[0].account_id):
        tokens = [(row[0], row[1]) for row in group]
        works = [
            token
            for token, stopped in tokens
            if not stopped and token.revoked_at is None and token.expires_at > work.now
        ]
        made.append(Account([token for token, _ in tokens], works, tokens[0][1]))
    return made


async def account_list(work: Work) -> AccountList:
    """Return the accounts that are let in, by name, and those that have ended, the last one first."""
    makers = await _makers(work)
    found = [_shown(work, one, makers) for one in await accounts(work)]
    ended = [(one.ended_at, one) for one in found if one.ended_at is not None]
    return AccountList(
        sorted((one for one in found if one.ended_at is None), key=lambda one: (one.name, one.id)),
        [one for _, one in sorted(ended, key=lambda pair: (pair[0], pair[1].id), reverse=True)],
    )


async def account_out(work: Work, account_id: UUID) -> AccountOut:
    """Return one account as it is told."""
    (found,) = await accounts(work, ApiToken.account_id == account_id)
    return _shown(work, found, await _makers(work))


async def _makers(work: Work) -> Mapping[UUID | None, tuple[str, str | None]]:
    """Return by seat what it is called, and why what it made outlives it, if it does."""
    chosen = select(Seat.id, Seat.name, outlived(work.ctx.scope, work.ctx.today)).where(
        Seat.tenant_id == work.ctx.scope.id
    )
    return {seat_id: (name, why) for seat_id, name, why in await work.session.execute(chosen)}


def _shown(work: Work, one: Account, makers: Mapping[UUID | None, tuple[str, str | None]]) -> AccountOut:
    newest, cause = one.newest, one.cause
    name, why = makers.get(newest.created_by, (None, None))
    return shown(
        AccountOut,
        newest,
        id=newest.account_id,
        made_by=name,
        outlived=why if cause is None else None,
        tokens=[shown(TokenOut, row) for row in one.works or [newest]],
        ended_at=None if cause is None else min(newest.revoked_at or newest.expires_at, newest.expires_at, work.now),
        end_cause=cause,
    )
