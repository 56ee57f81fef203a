"""Asking the agency's plugins about a nomination before something is written, with no transaction open."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from core.approvals.chain import Chain, ask, digest_of
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import NotFound
from core.hooks import types
from core.ids import new_id
from core.missions.models import Call, Position
from core.nominations.describing import About, describe_for_findings, describe_nomination
from core.nominations.describing import describe as describe_parts
from core.nominations.eligibility import Findings, ask_findings
from core.nominations.lifecycle import NOMINATION
from core.nominations.schemas import NominationIn, OfNomination
from core.personnel.models import Officer
from core.use_cases.declaration import Describe
from core.use_cases.work import Moved, Work


class Drafting(msgspec.Struct, frozen=True):
    """What was found about a nomination that is to be drafted, under the id that it is to have."""

    id: UUID
    findings: Findings


class Sending(msgspec.Struct, frozen=True):
    """The chain that is to approve a nomination, and what was found about it."""

    chain: Chain
    findings: Findings


async def ask_about_draft(ctx: Ctx, data: NominationIn) -> Drafting | None:
    """Ask what speaks for or against a nomination that is not written yet: the ``before`` of drafting it.

    ``None`` where the input names something that is not there, which drafting says.
    """
    id = new_id(ctx.clock)
    try:
        async with tenant_session(ctx, read_only=True) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            officer: Officer = await work.get(Officer, data.officer_id)
            call: Call = await work.find(Call, data.call_id)
            position: Position = await work.find(Position, data.position_id)
            described = await describe_parts(work, id, NOMINATION.initial, officer, call, position)
            about = await describe_for_findings(work, described)
    except NotFound:
        return None
    return Drafting(id, await ask_findings(ctx, about))


async def ask_for_approval(ctx: Ctx, data: OfNomination) -> Sending:
    """Ask which steps approve the nomination and what is found about it: the ``before`` of submitting it."""
    about = await _about(ctx, _key(data))
    return Sending(await ask(ctx, subject_of(about.nomination)), await ask_findings(ctx, about))


async def ask_about(ctx: Ctx, data: OfNomination) -> Findings:
    """Ask what speaks for or against the nomination: the ``before`` of sending it to IPOB."""
    return await ask_findings(ctx, await _about(ctx, _key(data)))


async def describe(ctx: Ctx, nomination_id: UUID) -> types.Subject:
    """Return the nomination as the plugin sees it that says who approves it."""
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        return subject_of(await describe_nomination(work, nomination_id))


def stepping(name: str) -> Describe[OfNomination]:
    """Return what tells plugins that the step ``name`` is about to be taken with a nomination."""
    step = NOMINATION.find(name)

    async def describe_step(ctx: Ctx, data: OfNomination, on: date) -> types.Transition | None:
        async with tenant_session(ctx, read_only=True) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            nomination = await describe_nomination(work, _key(data))
        if nomination.state not in step.sources:
            return None
        return types.Transition(
            subject="nomination",
            id=nomination.id,
            step=name,
            source=nomination.state,
            target=step.target,
            on=on,
            officer=nomination.officer,
            nomination=nomination,
        )

    return describe_step


def subject_of(nomination: types.Nomination) -> types.Subject:
    """Return the nomination as the subject of a chain of approval."""
    return types.Subject(kind="nomination", id=nomination.id, concerns=nomination.officer.id, nomination=nomination)


async def require_unmoved(work: Work, nomination_id: UUID, chain: Chain) -> None:
    """Raise ``Moved`` if the plugin was asked for the chain of something else than what is written now."""
    if chain.digest != digest_of(subject_of(await describe_nomination(work, nomination_id))):
        raise Moved


async def _about(ctx: Ctx, nomination_id: UUID) -> About:
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        return await describe_for_findings(work, await describe_nomination(work, nomination_id))


def _key(data: OfNomination) -> UUID:
    try:
        return UUID(data.id)
    except ValueError:
        raise NotFound from None
