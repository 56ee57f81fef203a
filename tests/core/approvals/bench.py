"""A service with invented people and subjects, on which a chain of approval is tried without any other room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import select, update

from contingent.demo.acting import upload
from core.approvals.chain import Chain, begin, open_case
from core.approvals.decisions import confirm_paper, decide, decide_on_paper, recall
from core.approvals.models import ApprovalCase, ChainProvider, Delegation
from core.approvals.schemas import CaseOut, DecideIn, OfDecision, PaperIn
from core.approvals.subjects import SUBJECTS, Brief, Check
from core.audit.models import AuditLine
from core.context import Actor, Ctx, Scope
from core.database.sessions import tenant_session
from core.documents.models import Document
from core.errors import Refused
from core.hooks.types import Step, Who
from core.ids import new_id
from core.people import Person
from core.text import Text, t
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.platform import Platform

ALL = frozenset(
    f"approval.{what}" for what in ("read", "open", "decide", "paper", "delegate", "manage", "chain", "hold")
)


class Folk:
    """The people of one service, in memory."""

    def __init__(self) -> None:
        self.seats: dict[UUID, Person] = {}
        self.touching: set[tuple[UUID, UUID]] = set()

    async def touch(self, session: Any, cases: Collection[UUID], others: Collection[UUID]) -> None:
        seats = {session.info["ctx"].actor.id, *others}
        self.touching |= {(seat, case) for seat in seats for case in cases}

    async def touched(self, session: Any, cases: Collection[UUID]) -> frozenset[UUID]:
        return frozenset()

    async def is_actor(self, session: Any, account: UUID) -> bool:
        actor: UUID = session.info["ctx"].actor.id
        return actor == account

    async def answered_for(self, session: Any) -> bool:
        return True

    async def holders(self, session: Any, role: str) -> list[Person]:
        return [one for one in self.seats.values() if role in one.roles and one.active]

    async def person(self, session: Any, seat_id: UUID) -> Person | None:
        return self.seats.get(seat_id)

    async def seat_of(self, session: Any, officer_id: UUID) -> Person | None:
        return next((one for one in self.seats.values() if one.officer_id == officer_id), None)

    async def supervisors(self, session: Any, officer_id: UUID) -> list[Person]:
        return [one for one in await self.holders(session, "supervisor") if one.officer_id != officer_id]


class Toy:
    """A subject that takes note of what was decided; a test may block it, or say what a plugin answers."""

    def __init__(self) -> None:
        self.settled: list[tuple[str, str | None]] = []
        self.blocked = False
        self.sent = False
        self.names_: list[str] = []
        self.chain = Chain()

    async def brief(self, work: Work, subject_id: UUID) -> Brief:
        return Brief("Somebody → MISSION", t("Adviser"))

    async def written(self, work: Work, subject_id: UUID) -> list[tuple[Text, str]]:
        return []

    async def facts(self, work: Work, subject_id: UUID) -> list[tuple[Text, Text | str]]:
        return []

    async def checks(self, work: Work, subject_id: UUID) -> list[Check]:
        return [Check("block" if self.blocked else "pass", t("Conduct"))]

    async def names(self, work: Work, subject_id: UUID) -> list[str]:
        return self.names_

    async def ask(self, ctx: Ctx, subject_id: UUID) -> Chain:
        return self.chain

    async def settle(self, work: Work, case: ApprovalCase, verdict: str, reason: str | None) -> None:
        self.settled.append((verdict, reason))

    async def reopen(self, work: Work, case: ApprovalCase) -> None:
        if self.sent:
            raise Refused(t("It has left."), t("Withdraw it."))
        self.settled.pop()


def step(key: str, role: str = "approver", how_many: Any = "any", **more: Any) -> Step:
    who = Who(role=role, unit=more.pop("unit", None), person=more.pop("person", None), rule=more.pop("rule", None))
    return Step(key=key, title={"en": key, "fr": key}, who=who, how_many=how_many, **more)


class Bench:
    """One fresh service; people are added by name, and act by name."""

    def __init__(self, platform: Platform, scope: Scope) -> None:
        self.platform, self.scope = platform, scope
        self.folk, self.toy = Folk(), Toy()
        self.kind = f"toy-{scope.slug}"
        SUBJECTS[self.kind] = self.toy
        self.seats: dict[str, UUID] = {}
        self.tokens: set[str] = set()

    def person(self, name: str, *roles: str, officer: UUID | None = None, unit: str | None = None) -> UUID:
        seat = new_id(self.platform.clock)
        self.seats[name] = seat
        self.folk.seats[seat] = Person(seat, name, frozenset(roles), officer_id=officer, unit=unit)
        return seat

    def leaves(self, name: str) -> None:
        seat = self.seats[name]
        self.folk.seats[seat] = msgspec.structs.replace(self.folk.seats[seat], active=False)

    def goes_away(self, name: str) -> None:
        seat = self.seats[name]
        self.folk.seats[seat] = msgspec.structs.replace(self.folk.seats[seat], away=True)

    def ctx(self, name: str = "Clerk") -> Ctx:
        seat = self.seats.get(name) or self.person(name)
        person = self.folk.seats[seat]
        kind: Literal["person", "token"] = "token" if name in self.tokens else "person"
        actor = Actor(seat, name, kind, permissions=ALL, officer_id=person.officer_id)
        ctx = self.platform.ctx(self.scope)
        return replace(ctx, actor=actor, people=self.folk)

    async def open(self, *steps: Step, concerns: UUID | None = None, chain: Chain | None = None) -> str:
        """Open a case with ``steps`` and return its id."""
        ctx = self.ctx()
        async with tenant_session(ctx) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now(), decided=chain or Chain(plugin="toy", steps=steps))
            case = await open_case(
                work,
                work.decided,
                kind="nomination",
                subject=(self.kind, work.new_id()),
                number=f"NOM-{work.new_id().hex[-8:]}",
                title="Somebody → MISSION",
                link="/x",
                concerns=concerns,
            )
            return str(case.id)

    async def begin(self, case: str, chain: Chain) -> None:
        ctx = self.ctx()
        async with tenant_session(ctx) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            await begin(work, await work.get(ApprovalCase, case), chain)

    async def decide(self, name: str, case: str, verdict: Any = "approve", comment: str | None = None) -> CaseOut:
        return await execute(decide, self.ctx(name), DecideIn(id=case, verdict=verdict, comment=comment))

    async def paper(self, name: str, case: str, **more: Any) -> CaseOut:
        given = {"paper_number": "CM24-0312", "paper_date": date(2026, 11, 20), "signatory": "City clerk", **more}
        if "document_id" not in given:
            given["document_id"] = str(await self.scan())
        return await execute(decide_on_paper, self.ctx(name), PaperIn(id=case, **given))

    async def scan(self, purpose: str = "resolution", state: str = "unscanned") -> UUID:
        """Store a document and return its id."""
        stored = await upload(self.ctx(), "scan.pdf", b"%PDF-1.7 signed", purpose)
        await self.rescan(stored, state)
        return stored

    async def rescan(self, document: UUID, state: str) -> None:
        """Put a document in the state that a scanner would leave it in."""
        async with tenant_session(self.ctx()) as session:
            await session.execute(update(Document).where(Document.id == document).values(state=state))

    async def confirm(self, name: str, case: str, decision: UUID) -> CaseOut:
        return await execute(confirm_paper, self.ctx(name), OfDecision(id=case, decision_id=str(decision)))

    async def recall(self, name: str, case: str, decision: UUID) -> CaseOut:
        return await execute(recall, self.ctx(name), OfDecision(id=case, decision_id=str(decision)))

    async def delegate(self, giver: str, taker: str, *, days: tuple[int, int] = (0, 10)) -> None:
        ctx = self.ctx(giver)
        async with tenant_session(ctx) as session:
            session.add(
                Delegation(
                    tenant_id=self.scope.id,
                    id=new_id(ctx.clock),
                    from_seat=self.seats[giver],
                    to_seat=self.seats[taker],
                    first_day=ctx.today + timedelta(days=days[0]),
                    last_day=ctx.today + timedelta(days=days[1]),
                    reason="Leave",
                    created_at=ctx.clock.now(),
                )
            )

    async def outside(self, name: str, plugin: str = "approval_chain", *, nobody_allowed: bool = False) -> None:
        """Name the outside decider and the plugin that gives chains, and what it may answer."""
        ctx = self.ctx(name)
        async with tenant_session(ctx) as session:
            session.add(
                ChainProvider(
                    tenant_id=self.scope.id,
                    id=new_id(ctx.clock),
                    kind="nomination",
                    plugin=plugin,
                    outside_seat=self.seats[name],
                    nobody_allowed=nobody_allowed,
                    created_at=ctx.clock.now(),
                )
            )

    async def lines(self, action: str) -> Sequence[AuditLine]:
        async with tenant_session(self.ctx(), read_only=True) as session:
            return (await session.scalars(select(AuditLine).where(AuditLine.action == action))).all()


def last_decision(case: CaseOut) -> UUID:
    """Return the id of the decision taken last."""
    return max((one for given in case.steps for one in given.decisions), key=lambda one: (one.decided_at, one.id)).id
