"""The plugin: its manifest, and the one hook it implements."""

from __future__ import annotations

from contingent import Ctx, Manifest, Milestone, Tour, hookimpl
from plugins.reintegration_plan.service import plan
from plugins.reintegration_plan.settings import Settings

manifest = Manifest(
    name="reintegration_plan",
    version="1.0",
    title={"en": "Return plan", "fr": "Plan de retour"},
    summary={
        "en": "Says what must be done after a tour, by whom and by when.",
        "fr": "Dit ce qui doit être fait après une affectation, par qui et dans quel délai.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    data_classes=frozenset({"public", "agency"}),
    quality="silver",
)


@hookimpl
async def reintegration_milestones(ctx: Ctx, tour: Tour) -> list[Milestone] | None:
    """Return the milestones that the settings declare, dated from the end of the tour."""
    return plan(ctx.settings, tour)
