"""First answer stored, same answer replayed; the same key for something else is refused.

The key's row is inserted before the use case runs: of two equal calls at the same moment
the second waits for the first to commit and then reads its answer.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ForeignKey, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, agency, public
from core.errors import Conflict, Fault, Invalid
from core.text import t
from core.use_cases.declaration import UseCase
from core.use_cases.work import Work

LONGEST_KEY = 200


class IdempotencyRow(Base, table_class=TableClass.SCOPE):
    """One unsafe call by its key: what was asked (a digest) and what was answered."""

    __tablename__ = "idempotency"

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    actor_id: Mapped[UUID] = public(primary_key=True)
    key: Mapped[str] = agency(primary_key=True)
    digest: Mapped[str] = agency()
    answer: Mapped[Any] = agency(JSONB(), nullable=True)
    created_at: Mapped[datetime] = public()


class Remembered(msgspec.Struct, frozen=True):
    """The answer that a key was first given."""

    answer: Any


async def remembered(work: Work, case: UseCase[Any, Any], key: str, data: msgspec.Struct) -> Remembered | None:
    """Claim ``key`` and return ``None``, or return the answer it was first given.

    Raises ``Conflict`` if the key was used for something else.
    """
    if len(key) > LONGEST_KEY:
        raise Invalid([Fault("/Idempotency-Key", t("Use at most %(most)s characters.", most=LONGEST_KEY))])
    digest = hashlib.sha256(case.key.encode() + b"\0" + msgspec.json.encode(data, order="sorted")).hexdigest()
    owner = {"tenant_id": work.ctx.scope.id, "actor_id": work.ctx.actor.id, "key": key}
    claim = insert(IdempotencyRow).values(**owner, digest=digest, created_at=work.now)
    claimed = await work.session.execute(claim.on_conflict_do_nothing().returning(IdempotencyRow.key))
    if claimed.first() is not None:
        return None
    found = (await work.session.execute(select(IdempotencyRow).filter_by(**owner))).scalar_one()
    if found.digest != digest:
        raise Conflict(t("This idempotency key was used for another request."))
    return Remembered(found.answer)


async def remember(work: Work, key: str, answer: Any) -> None:
    """Keep ``answer`` for the key that ``remembered`` claimed."""
    chosen = update(IdempotencyRow).where(
        IdempotencyRow.tenant_id == work.ctx.scope.id,
        IdempotencyRow.actor_id == work.ctx.actor.id,
        IdempotencyRow.key == key,
    )
    await work.session.execute(chosen.values(answer=msgspec.to_builtins(answer)))
