"""Running the action of a plugin that a person chose: who may, what they answered, what the plugin says to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from core.context import Ctx
from core.errors import Fault, Forbidden, Invalid, Refused
from core.hooks.answers import Failure
from core.hooks.panels import MOST_ACTIONS, Action, Chosen, Done, Faults, Place
from core.hooks.specs import offered_actions, run_action
from core.hooks.titles import with_title
from core.panels.drawing import told
from core.panels.questions import PREFIX, gathered_answers, read_answers
from core.panels.schemas import Acted, RunAction
from core.panels.telling import Rights, told_by
from core.text import t


class Outcome(msgspec.Struct, frozen=True):
    """What a plugin did, and which version of it."""

    action: Action
    done: Done
    plugin: tuple[str, str]

    @property
    def written(self) -> dict[str, Any]:
        """What of it stands in the audit line: neither the answers nor whom somebody wants to talk to."""
        return {"action": self.action.key} | ({"talk": self.done.talk} if self.done.talk else {})

    @property
    def acted(self) -> Acted:
        """What the person is told."""
        return Acted(said=self.done.said)


async def run(ctx: Ctx, data: RunAction, place: Place, rights: Rights) -> Outcome:
    """Have the plugin do what was chosen.

    It is asked first whether it still offers that. Raises ``Refused`` where it does not, or fails, ``Forbidden``
    where the actor may not, ``Invalid`` for answers that it or its questions do not take.
    """
    offers = await ctx.hooks.all(offered_actions, place=place)
    _answered(ctx, [one for one in offers.failures if one.plugin == data.plugin])
    offered = [one for plugin, found in told_by(offers) if plugin == data.plugin for one in found[:MOST_ACTIONS]]
    action = next((one for one in offered if one.key == data.action), None)
    if action is None:
        raise Refused(
            t("The plugin does not offer this here, or no more."), t("Open the page again: it shows what is offered.")
        )
    if not rights.allow(ctx.actor, action):
        raise Forbidden({"officer": rights.officer, "keeper": rights.keeper}.get(action.who, rights.reader))
    answers = read_answers(action.form, data.answers, ctx.language)
    chosen = Chosen(id=data.once, key=action.key, place=place, answers=answers)
    outcome = await ctx.hooks.one(data.plugin, run_action, chosen=chosen)
    _answered(ctx, outcome.failures)
    result: Any = outcome.results[0]
    if isinstance(result, Faults):
        raise Invalid(_faults(ctx, action, result))
    return Outcome(action, result, outcome.origins[0])


def gather_action(ctx: Ctx, params: Mapping[str, str], fields: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
    """Return what was sent as ``RunAction``; the rest is in the address."""
    answers, own = gathered_answers(fields)
    return {**own, "answers": answers}


def _answered(ctx: Ctx, failures: Sequence[Failure]) -> None:
    if failures:
        raise Refused(
            with_title(ctx, failures[0].text),
            t("Nothing was recorded here. Try again in a minute; your administrator sees what failed."),
        )


def _faults(ctx: Ctx, action: Action, result: Faults) -> list[Fault]:
    keys = {one.key for one in action.form}
    return [
        Fault(f"/{PREFIX}{one.key}" if one.key in keys else "/", told(one.reason, ctx.language))
        for one in result.faults
    ]
