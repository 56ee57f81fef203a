"""A service with one case that waits for one person, who has a message with a link to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import default
from html import unescape
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import select

from auth.approval_links.models import ApprovalLink
from auth.approval_links.schemas import Message, MessageTo
from auth.approval_links.service import hand_out_message
from core.app import load_room
from core.approvals.chain import Chain, open_case
from core.approvals.lifecycle import APPROVAL_MANAGE, APPROVAL_OPEN
from core.approvals.models import ApprovalCase, ApprovalDecision
from core.approvals.subjects import SUBJECTS
from core.audit.models import AuditLine
from core.context import Actor, Ctx, Language, Scope
from core.database.sessions import tenant_session
from core.events.worker import drain
from core.hooks.types import Step
from core.text import Text, t
from core.tokens import new_secret
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.hostile import sets
from tests.auth.rig import Browser, Rig, sent_with
from tests.core.approvals.bench import Toy, step
from tests.platform import Platform

ADDRESS = "http://localhost:8000"
WAY = re.compile(r'class="btn p" href="http://localhost:8000(/t/[^"]+)"')
NAMED = re.compile(r'name="([^"]+)" value="([^"]*)"')


class Subject(Toy):
    """A subject whose facts a test may change."""

    def __init__(self) -> None:
        super().__init__()
        self.said = [(t("Position"), "Adviser")]

    async def facts(self, work: Work, subject_id: UUID) -> list[tuple[Text, Text | str]]:
        return list(self.said)


@dataclass
class Desk:
    """The service, its case, and who decides it."""

    rig: Rig
    scope: Scope
    case: str
    subject: Subject
    seat: UUID

    def ctx(self, *permissions: str) -> Ctx:
        return self.rig.platform.ctx(self.scope, *permissions)

    async def another(self) -> Desk:
        """Return the desk of another case that waits for the same person."""
        return await _open(self.rig, self.scope, self.seat)

    async def message(self, seat: UUID | None = None) -> Message:
        """Return the message that the coordinator writes."""
        asked = MessageTo(id=self.case, seat=str(seat or self.seat))
        return await execute(hand_out_message, self.ctx(APPROVAL_MANAGE), asked)

    async def secret(self, seat: UUID | None = None) -> str:
        return address(await self.message(seat)).rsplit("/", 1)[1]

    async def links(self) -> list[ApprovalLink]:
        async with tenant_session(self.ctx(), read_only=True) as session:
            return list(await session.scalars(select(ApprovalLink).order_by(ApprovalLink.id)))

    async def decisions(self) -> list[ApprovalDecision]:
        async with tenant_session(self.ctx(), read_only=True) as session:
            return list(
                await session.scalars(select(ApprovalDecision).where(ApprovalDecision.case_id == UUID(self.case)))
            )

    async def state(self) -> str:
        async with tenant_session(self.ctx(), read_only=True) as session:
            found = await session.get(ApprovalCase, (self.scope.id, UUID(self.case)))
            assert found is not None
            return found.state

    async def lines(self, action: str) -> list[AuditLine]:
        async with tenant_session(self.ctx()) as session:
            chosen = select(AuditLine).where(AuditLine.tenant_id == self.scope.id, AuditLine.action == action)
            return list(await session.scalars(chosen.order_by(AuditLine.id)))

    async def start(self, browser: Browser, secret: str, language: Language = "en") -> httpx2.Response:
        """Open the link, follow the button there and return where the provider is asked."""
        page = await browser.get(f"/{language}/{self.scope.slug}/decide/{secret}")
        assert page.status_code == 200, page.text
        way = WAY.search(page.text)
        assert way is not None
        return await browser.get(unescape(way[1]))

    async def come(
        self, browser: Browser, secret: str, language: Language = "en", *, ago: int = 0, **claims: Any
    ) -> httpx2.Response:
        """Come by the link: sign in anew, ``ago`` seconds ago, and return the answer to the callback."""
        sent = sent_with(await self.start(browser, secret, language))
        at = int(self.rig.platform.clock.now().timestamp()) - ago
        self.rig.hostile.claims = sets(**({"auth_time": at} | claims))
        if "sub" in claims:
            self.rig.hostile.userinfo = sets(sub=claims["sub"])
        return await self.rig.finish(browser, self.scope, sent)

    async def page(self, browser: Browser, secret: str, language: Language = "en") -> httpx2.Response:
        """Come by the link and return the case’s page."""
        came = await self.come(browser, secret, language)
        assert came.status_code == 303, came.text
        return await browser.get(came.headers["location"])


def address(message: Message) -> str:
    """Return the English address in a message."""
    found = re.search(r"http://\S+/en/\S+", message.text)
    assert found is not None
    return found[0]


def read_mail(content: bytes) -> tuple[str, str]:
    """Return subject and text of a message, as a mail program reads them."""
    mail = message_from_bytes(content, policy=default)
    body = mail.get_body()
    assert body is not None
    return str(mail["Subject"]), str(body.get_content())


def filled(page: httpx2.Response, **values: str) -> tuple[str, dict[str, str]]:
    """Return where the form on a case’s page is sent to, and what it holds."""
    form = page.text.split('<form class="dec"', 1)[1].split("</form>")[0]
    action = re.search(r'action="([^"]+)"', form)
    assert action is not None
    hidden = {name: unescape(value) for name, value in NAMED.findall(form) if name in {"_token", "seen", "id"}}
    return unescape(action[1]), hidden | values


async def decide(browser: Browser, page: httpx2.Response, verdict: str = "approve", **values: str) -> httpx2.Response:
    """Send the decision from a case’s page."""
    action, data = filled(page, verdict=verdict, **values)
    return await browser.post(action, data)


async def work_off(rig: Rig, scope: Scope) -> int:
    """Let the worker do what is left for it in the scope."""

    def wired(of: Scope, actor: Actor, request_id: str) -> Ctx:
        return replace(rig.platform.ctx(of), actor=actor, request_id=request_id)

    return await drain(rig.platform.database, wired, rig.platform.clock, only=[scope.id])


async def make_desk(rig: Rig, *steps: Step, **provider: Any) -> Desk:
    """Return a desk whose case waits for the approver ``person-1``, the links of whose step are made."""
    load_room("auth.approval_links")
    scope = await rig.agency(**provider)
    return await _open(rig, scope, await rig.seat(scope, "approver"), *steps)


async def _open(rig: Rig, scope: Scope, seat: UUID, *steps: Step) -> Desk:
    case, subject = await open_for(rig.platform, scope, *steps)
    await work_off(rig, scope)
    return Desk(rig, scope, str(case.id), subject, seat)


async def open_for(platform: Platform, scope: Scope, *steps: Step) -> tuple[ApprovalCase, Subject]:
    """Open a case that waits for the approvers of the scope; its links are the worker's to make."""
    subject = Subject()
    kind = f"desk-{new_secret()}"
    SUBJECTS[kind] = subject
    ctx = platform.ctx(scope, APPROVAL_OPEN)
    async with tenant_session(ctx) as session:
        chain = Chain(plugin="toy", steps=steps or (step("chief"),))
        work = Work(ctx, session, ctx.today, ctx.clock.now(), decided=chain)
        case = await open_case(
            work,
            work.decided,
            kind="nomination",
            subject=(kind, work.new_id()),
            number=f"NOM-{work.new_id().hex[-8:]}",
            title="Sgt. Secret Name → MISSION",
            link="/nominations/x",
            concerns=None,
        )
    return case, subject
