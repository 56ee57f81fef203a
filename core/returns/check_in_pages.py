"""The pages of the officer's own check-in: the questions, what follows, sharing it with health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from core.context import Ctx
from core.hooks.panels import Homecoming
from core.panels.question_drawing import form_of
from core.panels.questions import PREFIX, gathered_answers, sent
from core.returns.check_in import answer_check_in, ask, share_check_in
from core.returns.check_in_schemas import Advised, AnswersIn, Shared
from core.returns.describing import describe_return
from core.returns.lifecycle import CHECK_IN_ANSWER
from core.returns.reading import own_return
from core.returns.schemas import CHOICES
from core.text import Text, t
from core.web.pages import Pages
from core.web.view import Answer, To, View

check_in_pages = Pages("check-in", under="/my/return")


@check_in_pages.get("/my/return/check-in", permission=CHECK_IN_ANSWER)
async def check_in(view: View) -> Answer:
    """Ask the officer what the service's plugins ask, and say what becomes of the answers."""
    file = await own_return(view.work)
    if file is None or file.state == "closed":
        return view.render("returns/no_return.html")
    asks = partial(_questions, view, await describe_return(view.work, file))
    path = f"/returns/{file.id}"
    return view.render(
        "returns/check_in.html", asks=asks, path=f"{path}/check-in", contacts=f"{path}/contacts", CHOICES=CHOICES
    )


def gather_answers(ctx: Ctx, params: Mapping[str, str], fields: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
    """Return what was sent as ``AnswersIn``; which return it is, the address says."""
    answers, own = gathered_answers(fields)
    return {**own, "answers": answers}


@check_in_pages.post("/returns/{id}/check-in", use_case=answer_check_in, form=check_in, gather=gather_answers)
async def answered(view: View, result: Advised) -> Answer:
    """Show what follows, this once."""
    language = view.language
    path = f"/returns/{view.params['id']}"
    return view.render(
        "returns/advice.html",
        said=[(one.question[language], one.answer[language]) for one in result.said],
        advice=[(one.text[language], one.tone, one.contact) for one in result.advice],
        silent=_silent(result.failed, result.asked),
        shared={f"{PREFIX}{key}": sent(value) for key, value in result.answers.items()},
        path=f"{path}/check-in/shared",
        contacts=f"{path}/contacts",
        CHOICES=CHOICES,
    )


@check_in_pages.post("/returns/{id}/check-in/shared", use_case=share_check_in, form=check_in, gather=gather_answers)
async def shared(view: View, result: Shared) -> To:
    """Show one's own return; the answers are with health."""
    return To("/my/return", t("Your answers are with the health service, which alone reads them."))


async def _questions(view: View, homecoming: Homecoming) -> Mapping[str, Any]:
    found = await ask(view.ctx, homecoming)
    again = view.refused is AnswersIn
    view.explained = view.explained or again
    given = (view.values or {}).get("answers", {}) if again else {}
    form = form_of(found.questions, view.language, given, view.faults if again else (), prefix="check-in-", free=True)
    return {"form": form if found.questions else None, "silent": _silent(found.failed, found.asked)}


def _silent(failed: int, asked: int) -> Text | None:
    if not failed:
        return None
    if failed == asked:
        return t("The plugins that ask and advise here did not answer.")
    return t("%(failed)s of %(asked)s plugins that ask and advise here did not answer.", failed=failed, asked=asked)
