"""Asking plugins what to show and to offer on a page, once it has been read, with no transaction open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.database.sessions import tenant_session
from core.hooks.panels import MOST_ACTIONS, MOST_PANELS, Action
from core.hooks.specs import offered_actions
from core.ids import new_id
from core.panels.drawing import Drawn, draw, title_of
from core.panels.question_drawing import form_of
from core.panels.schemas import RunAction
from core.panels.telling import Describe, Rights, silence, told_by
from core.text import Text
from core.use_cases.work import Work
from core.web.forms import Form
from core.web.view import View


@dataclass(frozen=True, slots=True)
class Offered:
    """An action of a plugin, with its form and where that is sent to."""

    id: str
    title: str
    says: str | None
    source: str
    path: str
    form: Form
    fields: Mapping[str, str]


@dataclass(slots=True)
class Shown:
    """What plugins show and offer on a page, and what to say of those that did not answer."""

    panels: list[Drawn] = field(default_factory=list)
    actions: list[Offered] = field(default_factory=list)
    silent: Text | None = None


async def ask_plugins(
    view: View, spec: Callable[..., Any], describe: Describe, *, rights: Rights | None = None, path: str = ""
) -> Mapping[str, Any]:
    """Return, as the template's ``plugins``, what plugins show and, where there are ``rights``, offer on a page.

    Only if there are plugins to be asked, what they are told is read, in a transaction of its own. Forms of actions
    are sent to ``path`` with the plugin and the action behind it.
    """
    hooks: Any = view.ctx.hooks
    shown = Shown()
    asked = await hooks.concerned(spec, *([offered_actions] if rights else []))
    if not asked:
        return {"plugins": shown}
    async with tenant_session(view.ctx, read_only=True) as session:
        told = await describe(Work(view.ctx, session, view.ctx.today, view.ctx.clock.now()))
    answers = await hooks.all(spec, **told.given)
    failed = {one.plugin for one in answers.failures}
    for plugin, panels in told_by(answers):
        shown.panels += [draw(view, plugin, one, told.names) for one in panels[:MOST_PANELS]]
    if rights is not None and told.place is not None:
        offers = await hooks.all(offered_actions, place=told.place)
        failed |= {one.plugin for one in offers.failures}
        for plugin, actions in told_by(offers):
            allowed = [one for one in actions[:MOST_ACTIONS] if rights.allow(view.ctx.actor, one)]
            shown.actions += [_offer(view, plugin, one, path) for one in allowed]
    shown.silent = silence(len(failed), len(asked))
    return {"plugins": shown}


def _offer(view: View, plugin: str, action: Action, path: str) -> Offered:
    sent = view.values or {}
    again = view.refused is RunAction and (sent.get("plugin"), sent.get("action")) == (plugin, action.key)
    view.explained = view.explained or again
    name = f"{plugin}-{action.key}"
    form = form_of(
        action.form,
        view.language,
        sent.get("answers", {}) if again else {},
        view.faults if again else (),
        prefix=f"{name}-",
    )
    return Offered(
        id=f"action-{name}",
        title=action.title[view.language],
        says=action.says[view.language] if action.says else None,
        source=title_of(view, plugin),
        path=f"{path}/{plugin}/{action.key}",
        form=form,
        # Sent again after it was refused, it is the same choice: the plugin may have heard of it.
        fields={"once": str(sent["once"] if again and sent.get("once") else new_id(view.ctx.clock))},
    )
