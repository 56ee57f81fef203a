"""Asking an agency's plugins whether a step may be taken, before it is written and with no transaction open.

A step that asks (``lifecycle.Transition.asks``) is taken only with a permit for just that step of
just that subject, from the state that was asked about. Without an answer there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from core.context import Ctx
from core.errors import Refused
from core.hooks.answers import Failure, remedy
from core.hooks.marking import Rejected
from core.hooks.specs import authorize_transition
from core.hooks.types import Transition
from core.text import Text, t
from core.use_cases.work import Moved

if TYPE_CHECKING:
    from core.use_cases.work import Work


async def authorize(ctx: Ctx, transition: Transition | None) -> Transition | None:
    """Return ``transition`` as a permit once no plugin refuses it; raise ``Refused`` with the reason of one that does.

    A plugin that fails, is late or is left alone refuses. ``None``, a step that is not possible, asks nobody.
    """
    if transition is None:
        return None
    try:
        await ctx.hooks.all(authorize_transition, transition=transition)
    except Rejected as refusal:
        language = ctx.language
        title = ctx.hooks.registry.title(refusal.plugin, language)
        if isinstance(refusal.failure, Failure):
            raise Refused(
                t("The plugin “%(plugin)s” decides on this step and did not answer: it is not taken.", plugin=title),
                Text(remedy(refusal.failure)[language]),
            ) from None
        raise Refused(
            t("The plugin “%(plugin)s” keeps this step from being taken.", plugin=title),
            Text(refusal.reason[language]),
        ) from None
    return transition


def require_permit(work: Work, subject: tuple[str, UUID], step: str, *, source: str) -> None:
    """Raise ``Moved`` unless the plugins let pass this step, of this subject, from this state."""
    asked = work.permit
    if asked is None or (asked.subject, asked.id, asked.step, asked.source) != (*subject, step, source):
        raise Moved
