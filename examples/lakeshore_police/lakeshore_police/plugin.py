"""The manifest, and the two hooks: who approves, and what must be done after a tour."""

from __future__ import annotations

from contingent import Ctx, Manifest, Milestone, NoApproval, Step, Subject, Tour, hookimpl

from lakeshore_police.service import boat_course, chain
from lakeshore_police.settings import Settings

manifest = Manifest(
    name="lakeshore_police",
    version="1.0.0",
    title={"en": "Lakeshore Police", "fr": "Police de Lakeshore"},
    summary={
        "en": "Asks the harbour unit before one of its officers goes, and plans the boat course after a tour.",
        "fr": "Consulte l’unité portuaire avant le départ de ses membres et prévoit le cours de navigation au retour.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    data_classes=frozenset({"public", "agency"}),
    quality="gold",
)


@hookimpl
async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
    """Return the steps, in the order in which they are decided."""
    settings: Settings = ctx.settings
    return chain(settings, subject)


@hookimpl
async def reintegration_milestones(ctx: Ctx, tour: Tour) -> list[Milestone] | None:
    """Return the one milestone that Lakeshore adds to everybody's plan."""
    settings: Settings = ctx.settings
    return [boat_course(settings, tour)]
