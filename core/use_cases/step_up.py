"""Actions before which a scope may ask its people to prove anew who they are.

A use case names its action (``use_case(…, step_up=APPROVE)``). Whether the scope has a rule for
it, and whether the caller meets it now, is the caller's to say (``core.context.Actor``): without
a rule nothing is asked, but for what ``auth.step_up.rules`` asks everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.context import Actor, Assurance
from core.errors import StepUpNeeded
from core.text import Text, t

APPROVE, HEALTH, EXPORT, PLUGIN, BREAK_GLASS = "approve", "health", "export", "plugin", "break_glass"
OWN_ACCESS = "own_access"

ACTIONS: Mapping[str, Text] = {
    APPROVE: t("Decide on a case, also from paper"),
    HEALTH: t("See or record health status"),
    EXPORT: t("Take a list along as a file"),
    PLUGIN: t("Switch a plugin on or off, or change its settings"),
    BREAK_GLASS: t("Make, renew or end a break-glass account"),
    OWN_ACCESS: t("Add a passkey or print codes for one’s own member access"),
}
"""Every action there is, and what it is called."""


def require_step_up(actor: Actor, action: str | None, *, back: str | None = None) -> Assurance | None:
    """Return how the actor has proved who they are, where a rule asks for it before ``action``, else ``None``.

    Raises ``StepUpNeeded`` if it has not been proved in the way, or as lately, as the rule asks; ``back`` is where
    they then come back to, if not to where they are.
    """
    if action is None or action not in actor.ruled:
        return None
    if action not in actor.meets:
        raise StepUpNeeded(action, person=actor.kind == "person", back=back)
    return actor.assurance
