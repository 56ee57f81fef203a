"""The officer's own check-in: plugins ask and advise, nobody keeps it unless the officer shares it with health."""

from __future__ import annotations

from typing import Any

from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import NotFound, Refused
from core.hooks.answers import merge
from core.hooks.panels import MOST_QUESTIONS, Answered, Homecoming, Question
from core.hooks.specs import check_in_advice, check_in_questions
from core.panels.questions import read_answers, said_in
from core.returns.cases import of_file
from core.returns.check_in_schemas import AdviceOut, Advised, AnswersIn, Asked, SaidOut, Shared
from core.returns.describing import describe_return
from core.returns.lifecycle import CHECK_IN_ANSWER
from core.returns.models import ReturnFile, SharedCheckIn
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.work import Work

MOST_ADVICE = 10
"""Pieces of advice that are shown, of all plugins together."""


async def ask(ctx: Ctx, homecoming: Homecoming) -> Asked:
    """Return what the service's plugins ask, and how many of them did not answer."""
    answers = await ctx.hooks.all(check_in_questions, homecoming=homecoming)
    return Asked(merge(answers)[:MOST_QUESTIONS], len(answers.failures), answers.asked)


async def _read(ctx: Ctx, data: AnswersIn) -> tuple[Asked, dict[str, Any], Homecoming]:
    """Return what was asked and answered of the officer's own return. Raises ``Invalid`` with every fault."""
    async with tenant_session(ctx, read_only=True, health=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        homecoming = await describe_return(work, await _own(work, data))
    asked = await ask(ctx, homecoming)
    if not asked.questions:
        raise Refused(
            t("There are no questions at the moment."), t("You can ask to be called by whom you choose, at any time.")
        )
    return asked, read_answers(asked.questions, data.answers, ctx.language), homecoming


async def _own(work: Work, data: AnswersIn) -> ReturnFile:
    file: ReturnFile = await work.get(ReturnFile, data.id)
    if file.officer_id != work.ctx.actor.officer_id or file.state == "closed":
        raise NotFound
    return file


async def _advise(ctx: Ctx, data: AnswersIn) -> Advised:
    asked, answers, homecoming = await _read(ctx, data)
    found = await ctx.hooks.all(check_in_advice, answered=Answered(homecoming=homecoming, answers=answers))
    advice = merge(found)[:MOST_ADVICE]
    return Advised(
        said=_said(asked.questions, answers),
        answers=answers,
        advice=[AdviceOut(text=one.text, tone=one.tone, contact=one.contact) for one in advice],
        failed=len(found.failures),
        asked=found.asked,
    )


async def _repeat(ctx: Ctx, data: AnswersIn) -> list[SaidOut]:
    asked, answers, _ = await _read(ctx, data)
    if not answers:
        raise Refused(t("Nothing is answered."), t("Answer at least one question before you share the answers."))
    return _said(asked.questions, answers)


@use_case(
    permission=CHECK_IN_ANSWER,
    input=AnswersIn,
    output=Advised,
    before=_advise,
    backdated=NOW,
    quiet=True,
    health=True,
    forgets=True,
)
async def answer_check_in(work: Work, data: AnswersIn) -> Advised:
    """Answer a check-in's questions and be told what follows; neither is kept."""
    await _own(work, data)
    advised: Advised = work.decided
    return advised


@use_case(
    permission=CHECK_IN_ANSWER,
    input=AnswersIn,
    output=Shared,
    before=_repeat,
    backdated=NOW,
    health=True,
    cases=of_file,
)
async def share_check_in(work: Work, data: AnswersIn) -> Shared:
    """Share one's answers with the health service, which alone reads them."""
    file = await _own(work, data)
    said: list[SaidOut] = work.decided
    row = SharedCheckIn(
        tenant_id=file.tenant_id,
        id=work.new_id(),
        return_id=file.id,
        shared_at=work.now,
        said=[{"question": dict(one.question), "answer": dict(one.answer)} for one in said],
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await work.audit("check_in.share", ("return", file.id), after={"shared": True})
    shared = t("An officer has shared the answers of a check-in with you.")
    await work.notify(shared, link=f"/returns/{file.id}", role="health")
    return Shared(shared_at=row.shared_at)


def _said(questions: list[Question], answers: dict[str, Any]) -> list[SaidOut]:
    answered = [one for one in questions if one.key in answers]
    return [SaidOut(question=one.title, answer=said_in(one, answers[one.key])) for one in answered]
