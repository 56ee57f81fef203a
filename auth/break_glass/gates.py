"""What break-glass accounts ask of setting up sign-in: one is ready before a provider is put in force."""

from __future__ import annotations

from auth.break_glass.standing import has_break_glass
from auth.models import IdentityProvider
from auth.setup.gates import Gate
from core.text import t
from core.use_cases.work import Work


async def break_glass_ready(work: Work, row: IdentityProvider) -> Gate:
    """Ask that somebody can come in on the day on which the provider fails."""
    title = t("A break-glass account that is ready")
    if await has_break_glass(work.session, work.ctx.scope.id):
        return Gate("break_glass", title, met=True)
    note = t("Name a custodian on the page “Break-glass accounts”. Two administrators then have one half shown each.")
    return Gate("break_glass", title, met=False, note=note)
