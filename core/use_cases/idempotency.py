"""First answer stored, same answer replayed; the same key for something else is refused.

An answer that is shown once is not stored: whoever has the key gets no secret by it a second time.

The key's row is inserted before the use case runs: of two equal calls at the same moment
the second waits for the first to commit and then reads its answer. Where hooks are asked first, it
is committed before they are, without an answer, and the second looks until there is one. Answers may hold anything
that any table holds, health outcomes too: they are sealed, and forgotten after a week.
"""

from __future__ import annotations

import hmac
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped

from core.context import SCOPE_KINDS, Ctx
from core.database.sealing import seal, tenant_key, unseal
from core.database.sessions import tenant_session
from core.database.tables import Base, TableClass, agency, public, secret
from core.errors import Conflict, Fault, Invalid, Refused
from core.events.subscribers import every
from core.text import t
from core.use_cases.declaration import UseCase
from core.use_cases.work import Work

LONGEST_KEY = 200
KEPT = timedelta(days=7)
"""For how long an answer is kept."""
LEASE = timedelta(minutes=10)
"""After which a claim without an answer is given up: whoever made it is no more. No hook is asked for as long."""


class IdempotencyRow(Base, table_class=TableClass.SCOPE):
    """One unsafe call by its key: what was asked (a digest that only the tenant's key makes) and what was answered."""

    __tablename__ = "idempotency"

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    actor_id: Mapped[UUID] = public(primary_key=True)
    key: Mapped[str] = agency(primary_key=True)
    digest: Mapped[str] = agency()
    answer: Mapped[bytes | None] = secret()
    created_at: Mapped[datetime] = public()


class Remembered(msgspec.Struct, frozen=True):
    """The answer that a key was first given."""

    answer: Any


class UnderWay(Exception):
    """The same call was claimed before and is not answered yet."""


async def remembered(
    work: Work, case: UseCase[Any, Any], key: str, data: msgspec.Struct, stated: date | None = None
) -> Remembered | None:
    """Claim ``key`` and return ``None``, or return the answer it was first given.

    ``stated`` is the day from which the caller said it is true, if one was said.

    Raises ``Conflict`` if the key was used for something else, ``Refused`` where the answer was shown once, and
    ``UnderWay`` while whoever claimed it is still at it: hooks are asked with no transaction open, so that nobody
    could wait for its end.
    """
    digest, owner = _digest(work, case, key, data, stated), _owner(work, key)
    claim = insert(IdempotencyRow).values(**owner, digest=digest, created_at=work.now)
    claimed = await work.session.execute(claim.on_conflict_do_nothing().returning(IdempotencyRow.key))
    if claimed.first() is not None:
        return None
    found = (await work.session.execute(select(IdempotencyRow).filter_by(**owner))).scalar_one_or_none()
    if found is None:
        raise UnderWay  # it was released in between
    if found.digest != digest:
        raise Conflict(t("This idempotency key was used for another request."))
    if case.shown_once is not None:
        raise Refused(t("This was done already. What it made was shown once, and is kept nowhere."), case.shown_once)
    if found.answer is None:
        if found.created_at > work.now - LEASE:
            raise UnderWay
        given_up = update(IdempotencyRow).filter_by(**owner, created_at=found.created_at, answer=None)
        taken = await work.session.execute(given_up.values(created_at=work.now).returning(IdempotencyRow.key))
        if taken.first() is None:
            raise UnderWay
        return None
    answer = unseal(work.ctx, IdempotencyRow, _place(work, found.key), found.answer, column="answer")
    return Remembered(msgspec.json.decode(answer))


async def hold(work: Work, key: str, since: datetime) -> None:
    """Hold the key that was claimed in an earlier transaction, at ``since``. Raises ``Conflict`` if it is lost."""
    mine = select(IdempotencyRow.key).filter_by(**_owner(work, key), created_at=since, answer=None)
    if await work.session.scalar(mine.with_for_update()) is None:
        raise Conflict


async def release(work: Work, key: str, since: datetime) -> None:
    """Give up the key that was claimed at ``since``: nothing was done, and who sends it again may have it done."""
    await work.session.execute(delete(IdempotencyRow).filter_by(**_owner(work, key), created_at=since, answer=None))


def _owner(work: Work, key: str) -> dict[str, Any]:
    return {"tenant_id": work.ctx.scope.id, "actor_id": work.ctx.actor.id, "key": key}


def _digest(work: Work, case: UseCase[Any, Any], key: str, data: msgspec.Struct, stated: date | None) -> str:
    if len(key) > LONGEST_KEY:
        raise Invalid([Fault("/Idempotency-Key", t("Use at most %(most)s characters.", most=LONGEST_KEY))])
    asked = msgspec.json.encode([case.key, stated, data], order="sorted")
    # Keyed: what was asked may hold a secret that is short enough to be guessed.
    key_of_it = tenant_key(work.ctx.database.field_key, work.ctx.scope.id)
    return hmac.digest(key_of_it, asked, "sha256").hex()


async def remember(work: Work, key: str, answer: Any) -> None:
    """Keep ``answer`` for the key that ``remembered`` claimed."""
    chosen = update(IdempotencyRow).where(
        IdempotencyRow.tenant_id == work.ctx.scope.id,
        IdempotencyRow.actor_id == work.ctx.actor.id,
        IdempotencyRow.key == key,
    )
    plain = msgspec.json.encode(answer)
    await work.session.execute(
        chosen.values(answer=seal(work.ctx, IdempotencyRow, _place(work, key), plain, column="answer"))
    )


def _place(work: Work, key: str) -> str:
    return f"{work.ctx.actor.id}/{key}"


@every(86_400, kinds=SCOPE_KINDS)
async def forget_old_keys(ctx: Ctx) -> None:
    """Forget what nobody will ask for again."""
    async with tenant_session(ctx) as session:
        old = delete(IdempotencyRow).where(IdempotencyRow.tenant_id == ctx.scope.id)
        await session.execute(old.where(IdempotencyRow.created_at < ctx.clock.now() - KEPT))
