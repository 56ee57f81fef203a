"""A service that changes its provider: the old one and the new, its people, and what hangs on their seats."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select, update

from auth.models import Identity, IdentityProvider, IdentitySeat, RoleGrant, Seat
from auth.relinking.schemas import RelinkFile, RelinkIn
from auth.relinking.service import move_relink, preview_relink
from auth.service import SEAT_MANAGE, SEAT_READ
from core.approvals.models import ApprovalCase, ApprovalStep, Delegation
from core.audit.models import AuditLine
from core.context import Ctx, Scope
from core.database.sessions import identity_session, tenant_session
from core.documents.purposes import DOCUMENT_READ
from core.documents.service import store_upload
from core.ids import new_id
from core.use_cases.execution import execute
from core.use_cases.lifecycle import Step
from tests.auth.hostile import ISSUER, OTHER_ISSUER, sets
from tests.auth.rig import Rig, sent_with
from tests.auth.test_people import WHY, link, officer


class Service:
    """An agency whose people sign in through an old provider, with a new one beside it."""

    def __init__(self, rig: Rig, scope: Scope, ctx: Ctx, providers: tuple[UUID, UUID]) -> None:
        self.rig, self.scope, self.ctx, self.providers = rig, scope, ctx, providers

    async def person(self, number: str, *roles: str) -> UUID:
        seat = await self.rig.seat(self.scope, *roles, subject=f"old {number}", name=f"Person {number}")
        await link(self.rig, self.scope, seat, await officer(self.rig, self.scope, number))
        return seat

    async def preview(self, *lines: str, heading: str = "employee_number,subject") -> RelinkFile:
        return await self.preview_bytes("\r\n".join([heading, *lines]).encode())

    async def preview_bytes(self, content: bytes) -> RelinkFile:
        async def stream() -> AsyncIterator[bytes]:
            yield content

        document = await store_upload(self.ctx, "accounts.csv", stream(), "relink")
        return await self.ask("file", document_id=str(document))

    async def ask(self, source: Any, **more: Any) -> RelinkFile:
        old, new = map(str, self.providers)
        asked = RelinkIn(old_provider_id=old, new_provider_id=new, source=source, **more)
        return await execute(preview_relink, self.ctx, asked)

    async def step(self, file: RelinkFile, step: str) -> RelinkFile:
        return await execute(move_relink, self.ctx, Step(id=str(file.relink.id), step=step, reason=WHY))

    async def switch(self, place: int, **values: Any) -> None:
        async with tenant_session(self.rig.ctx(self.scope)) as session:
            chosen = update(IdentityProvider).where(
                IdentityProvider.tenant_id == self.scope.id, IdentityProvider.id == self.providers[place]
            )
            await session.execute(chosen.values(**values))

    async def named(self, name: str) -> UUID:
        async with tenant_session(self.rig.ctx(self.scope)) as session:
            chosen = select(IdentityProvider.id).where(
                IdentityProvider.tenant_id == self.scope.id, IdentityProvider.name == name
            )
            return (await session.scalars(chosen)).one()

    async def accounts(self) -> set[tuple[str, str, UUID]]:
        async with identity_session(self.rig.platform.database) as session:
            chosen = (
                select(Identity.issuer, Identity.subject, IdentitySeat.seat_id)
                .join(IdentitySeat, IdentitySeat.identity_id == Identity.id)
                .where(IdentitySeat.scope_id == self.scope.id)
            )
            return {(row.issuer, row.subject, row.seat_id) for row in await session.execute(chosen)}

    async def lines(self, action: str) -> list[AuditLine]:
        async with tenant_session(self.rig.ctx(self.scope)) as session:
            chosen = select(AuditLine).where(AuditLine.tenant_id == self.scope.id, AuditLine.action == action)
            return list(await session.scalars(chosen))

    async def comes_in(self, place: int, subject: str) -> str | None:
        """Sign in through the old (0) or new (1) provider; return the name on the page, or nothing if refused."""
        async with tenant_session(self.rig.ctx(self.scope)) as session:
            row = await session.get_one(IdentityProvider, (self.scope.id, self.providers[place]))
        issuer, browser = row.issuer, self.rig.browser()
        told = self.rig.hostile if issuer == ISSUER else self.rig.other
        told.claims, told.userinfo = sets(sub=subject, aud=row.client_id), sets(sub=subject)
        start = f"/t/{self.scope.slug}/auth/start?language=en&provider={self.providers[place]}"
        gone = await browser.get(start)
        if gone.status_code != 303:
            return None
        back = await self.rig.finish(browser, self.scope, sent_with(gone), iss=issuer)
        if back.status_code != 303:
            return None
        found = re.search(r"Person [A-Z0-9-]+", (await browser.get(f"/en/{self.scope.slug}/session")).text)
        return found.group() if found else ""


def outcomes(file: RelinkFile) -> list[tuple[int | None, str | None, str, str | None]]:
    return [(row.line, row.employee_number, row.outcome, row.why) for row in file.rows]


async def service(rig: Rig, *, issuer: str = OTHER_ISSUER) -> Service:
    scope = await rig.agency(name="Old", state="retiring")
    client = {} if issuer != ISSUER else {"client_id": "another-client"}
    await rig.accept(scope, name="New", issuer=issuer, **client)
    admin = await rig.seat(scope, "administrator", subject=f"administrator of {scope.slug}", name="Uriel Labonté")
    ctx = rig.platform.ctx(scope, SEAT_READ, SEAT_MANAGE, DOCUMENT_READ)
    ctx = replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=admin))
    async with tenant_session(rig.ctx(scope)) as session:
        chosen = select(IdentityProvider.name, IdentityProvider.id).where(IdentityProvider.tenant_id == scope.id)
        found = {row.name: row.id for row in await session.execute(chosen)}
    return Service(rig, scope, ctx, (found["Old"], found["New"]))


async def hang_on(at: Service, seat: UUID, delegate: UUID) -> None:
    """Let a delegation and an open step hang on a seat."""
    clock = at.rig.platform.clock
    now, keys = clock.now(), {"tenant_id": at.scope.id, "created_at": clock.now()}
    case = new_id(clock)
    async with tenant_session(at.rig.ctx(at.scope)) as session:
        session.add(
            Delegation(
                id=new_id(clock),
                from_seat=seat,
                to_seat=delegate,
                first_day=now.date(),
                last_day=now.date() + timedelta(days=9),
                reason=WHY,
                **keys,
            )
        )
        session.add(
            ApprovalCase(
                id=case,
                number="A-1",
                kind="nomination",
                subject_kind="nomination",
                subject_id=new_id(clock),
                subject_title="A nomination",
                subject_link="/",
                state="open",
                opened_by=delegate,
                opened_at=now,
                **keys,
            )
        )
        await session.flush()
        session.add(
            ApprovalStep(
                id=new_id(clock),
                case_id=case,
                place=1,
                key="chief",
                title_en="Chief",
                title_fr="Direction",
                kind="approval",
                role="approver",
                seat_id=seat,
                state="open",
                **keys,
            )
        )


async def hanging(at: Service) -> list[Any]:
    """Return all that hangs on the seats of a service, and the seats themselves but for their last sign-in."""
    found: list[Any] = []
    async with tenant_session(at.rig.ctx(at.scope)) as session:
        for table in (Seat, RoleGrant, Delegation, ApprovalCase, ApprovalStep):
            columns = [column for column in table.__table__.columns if column.name != "signed_in_at"]
            rows = await session.execute(select(*columns).where(table.tenant_id == at.scope.id).order_by(table.id))
            found += [tuple(row) for row in rows]
    return found
