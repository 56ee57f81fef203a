"""The use case on security events: the sealed lines on access, or all of the log, in the order of the chain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, true
from sqlalchemy.orm import aliased

from auth.security_events.schemas import AfterSequence, SecurityEvent, SecurityEvents
from core.audit.chain import GENESIS, LINE, canonical
from core.audit.models import AuditLine, AuditSeal
from core.audit.sealing import head_of, read_rows
from core.context import SCOPE_KINDS
from core.journal.permissions import AUDIT_READ
from core.use_cases.declaration import use_case
from core.use_cases.work import Work

SECURITY_READ = "security.read"

HAVE_PEOPLE = frozenset(SCOPE_KINDS) - {"mission"}
"""Kinds of scope in which somebody reads the log; a commander’s has nobody who does."""

ABOUT = frozenset(
    {
        "api_token",
        "approval_link",
        "break_glass",
        "claim_rule",
        "client_key",
        "identity",
        "identity_provider",
        "invitation",
        "logout",
        "member_access",
        "passkey",
        "relink",
        "scim_group",
        "scim_user",
        "seat",
        "session",
        "sign_in",
        "sign_in_stop",
        "step_up_rule",
    }
)
"""What the lines on access are about: the first word of an action."""


@use_case(permission=SECURITY_READ, input=AfterSequence, output=SecurityEvents, scopes=HAVE_PEOPLE, reads=True)
async def list_security_events(work: Work, data: AfterSequence) -> SecurityEvents:
    """List what happened to sign-in, sessions, seats, roles, tokens and providers, the earliest first.

    Ask again with ``next`` as ``after``: a line is given once and none is left out, whatever is written meanwhile.
    Lines appear when they are sealed, about a second after they are written. With ``Accept: application/x-ndjson``
    each line is JSON of its own. ``about=all`` gives every line of the audit log, to roles with ``audit.read``.
    """
    if data.about == "all":
        work.require(AUDIT_READ)
    scope, before = work.ctx.scope.id, aliased(AuditSeal)
    # A chain grows at its end alone, one transaction after the other: what is before its end now stays as it is.
    end = await head_of(work.session, scope)
    its_line = and_(AuditLine.tenant_id == AuditSeal.tenant_id, AuditLine.id == AuditSeal.row_id)
    one_before = and_(before.tenant_id == AuditSeal.tenant_id, before.sequence == AuditSeal.sequence - 1)
    about = func.split_part(AuditLine.action, ".", 1).in_(sorted(ABOUT)) if data.about == "access" else true()
    query = (
        select(AuditSeal.sequence, AuditSeal.row_id, AuditSeal.hash, before.hash.label("previous"))
        .join(AuditLine, its_line)
        .outerjoin(before, one_before)
        .where(AuditSeal.tenant_id == scope, AuditSeal.row_kind == LINE)
        .where(AuditSeal.sequence > data.after, AuditSeal.sequence <= end.sequence)
        .where(about)
        .order_by(AuditSeal.sequence)
        .limit(data.limit)
    )
    seals = (await work.session.execute(query)).all()
    rows = {row["id"]: row for row in await read_rows(work.session, scope, LINE, [seal.row_id for seal in seals])}
    events = [_event(seal.sequence, seal.previous or GENESIS, seal.hash, rows[seal.row_id]) for seal in seals]
    whole = len(events) < data.limit
    return SecurityEvents(events, max(end.sequence, data.after) if whole else events[-1].sequence)


def _event(sequence: int, previous: str, hash: str, row: Mapping[str, Any]) -> SecurityEvent:  # noqa: A002 - the column's name
    line: dict[str, Any] = json.loads(canonical(LINE, row))
    seat: UUID = row["seat_id"]
    return SecurityEvent(
        sequence=sequence,
        at=row["at"],
        action=row["action"],
        actor=row["actor_name"],
        actor_kind=row["actor_kind"],
        seat_id=seat,
        reason=row["reason"],
        line=line,
        previous=previous,
        hash=hash,
    )
