"""Asking the agency's plugin for a chain, and opening, restarting and closing a case with its answer.

The plugin is asked with no transaction open (``ask``, a use case's ``before``). What it says is
checked and stored; no answer, an empty list or a failure leaves the case waiting for a chain and
tells the administrator. Nothing but an explicit ``NoApproval``, where the agency allows that
answer, means that nobody need approve; and it approves nothing that a check forbids.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from core.approvals.lifecycle import CASE
from core.approvals.models import ApprovalCase, ApprovalStep, ChainProvider
from core.approvals.progress import advance, ask_no_longer, settle
from core.approvals.subjects import find_blocks
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Refused
from core.hooks.answers import Answers
from core.hooks.specs import approval_chain
from core.hooks.types import NoApproval, Step, Subject
from core.text import Text, t
from core.use_cases.lifecycle import move
from core.use_cases.work import Work

NEEDED = {"any": 1, "all": 0}


class Chain(msgspec.Struct, frozen=True):
    """A plugin's answer, or why there is none (``waiting_for``)."""

    plugin: str | None = None
    version: str | None = None
    digest: str | None = None
    steps: tuple[Step, ...] = ()
    nobody: NoApproval | None = None
    waiting_for: Text | None = None


def digest_of(subject: Subject) -> str:
    """Return what tells whether two subjects are the same to a plugin."""
    return hashlib.sha256(msgspec.json.encode(subject)).hexdigest()


async def ask(ctx: Ctx, subject: Subject) -> Chain:
    """Return the chain that the agency's plugin for this kind of subject declares."""
    async with tenant_session(ctx, read_only=True) as session:
        provider = await session.scalar(select(ChainProvider).where(ChainProvider.kind == subject.kind))
    digest = digest_of(subject)
    if provider is None:
        return Chain(digest=digest, waiting_for=t("No plugin is named that gives the chain of approval."))
    plugin = provider.plugin
    answers: Answers[list[Step] | NoApproval] = await ctx.hooks.one(plugin, approval_chain, subject=subject)
    if answers.failures or not answers.results:
        return Chain(
            plugin=plugin, digest=digest, waiting_for=t("The plugin “%(plugin)s” gave no chain.", plugin=plugin)
        )
    answer = answers.results[0]
    version = answers.version
    if isinstance(answer, NoApproval) and not provider.nobody_allowed:
        refused = t(
            "The plugin “%(plugin)s” says that nobody need approve, which your service does not allow.", plugin=plugin
        )
        return Chain(plugin=plugin, version=version, digest=digest, waiting_for=refused)
    if isinstance(answer, NoApproval):
        return Chain(plugin=plugin, version=version, digest=digest, nobody=answer)
    if not any(step.kind != "inform" for step in answer):
        return Chain(
            plugin=plugin, digest=digest, waiting_for=t("The plugin “%(plugin)s” gave an empty chain.", plugin=plugin)
        )
    return Chain(plugin=plugin, version=version, digest=digest, steps=tuple(answer))


async def open_case(
    work: Work,
    chain: Chain,
    *,
    kind: str,
    subject: tuple[str, UUID],
    number: str,
    title: str,
    link: str,
    concerns: UUID | None,
) -> ApprovalCase:
    """Open a case with ``chain`` and return it.

    ``title`` and ``link`` are of the subject, for lists; ``concerns`` is the officer whose
    file it is. A subject's further cases are numbered ``…/2``, ``…/3``.
    """
    earlier = await work.session.scalar(
        select(func.count()).where(ApprovalCase.subject_kind == subject[0], ApprovalCase.subject_id == subject[1])
    )
    case = ApprovalCase(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        number=f"{number}/{earlier + 1}" if earlier else number,
        kind=kind,
        subject_kind=subject[0],
        subject_id=subject[1],
        subject_title=title,
        subject_link=link,
        concerns=concerns,
        state=CASE.initial,
        opened_by=work.ctx.actor.id,
        opened_at=work.now,
        created_at=work.now,
    )
    work.session.add(case)
    await work.session.flush()
    await work.audit(
        "approval_case.open", ("approval_case", case.id), after={"subject": subject, "number": case.number}
    )
    await begin(work, case, chain)
    return case


async def begin(work: Work, case: ApprovalCase, chain: Chain) -> None:
    """Give a waiting case its steps and open the first, or note what it waits for."""
    case.plugin, case.plugin_version, case.digest = chain.plugin, chain.version, chain.digest
    if chain.waiting_for is not None:
        case.waiting_for = msgspec.to_builtins(chain.waiting_for)
        waiting = t("“%(title)s” waits for a chain of approval.", title=case.subject_title)
        await work.notify(waiting, link=f"/approvals/{case.id}", role="administrator")
        await work.session.flush()
        return
    if chain.nobody is not None and (blocks := await find_blocks(work, case.subject_kind, case.subject_id)):
        raise Refused(
            t("A check forbids approving: %(checks)s.", checks=[block.title for block in blocks]),
            t("Nobody else need approve: once it is settled, send it again."),
        )
    case.waiting_for = None
    for place, step in enumerate(chain.steps, start=1):
        work.session.add(_row(work, case, place, step))
    await move(work, case, CASE, "start")
    if chain.nobody is not None:
        reason = chain.nobody.reason["fr" if work.ctx.language == "fr" else "en"]
        await settle(work, case, "approve", reason)
        return
    await advance(work, case)


async def close_case(work: Work, case_id: UUID) -> None:
    """Withdraw a case whose subject is withdrawn; a settled case stays as it is."""
    case: ApprovalCase = await work.get(ApprovalCase, case_id)
    if case.state in ("waiting_for_chain", "open", "returned"):
        case.state, case.closed_at, case.due_on = "withdrawn", work.now, None
        await ask_no_longer(work, case)
        await work.session.flush()
        await work.audit("approval_case.withdraw", ("approval_case", case.id))


def _row(work: Work, case: ApprovalCase, place: int, step: Step) -> ApprovalStep:
    rule = step.who.rule
    return ApprovalStep(
        tenant_id=case.tenant_id,
        id=work.new_id(),
        case_id=case.id,
        place=place,
        key=step.key,
        title_en=step.title["en"],
        title_fr=step.title["fr"],
        kind=step.kind,
        role="supervisor" if rule == "supervises_the_officer" else step.who.role,
        unit=step.who.unit,
        seat_id=step.who.person,
        needed=NEEDED[step.how_many] if isinstance(step.how_many, str) else step.how_many,
        on_paper=step.on_paper,
        days=step.deadline,
        state="pending",
        created_at=work.now,
    )
