"""The plugin: its manifest, and the one hook it implements."""

from __future__ import annotations

from contingent import Ctx, Finding, Manifest, Nomination, Strength, hookimpl
from plugins.duty_cover.service import find
from plugins.duty_cover.settings import Settings

manifest = Manifest(
    name="duty_cover",
    version="1.0",
    title={"en": "Duty cover", "fr": "Effectif minimal"},
    summary={
        "en": "Says whether a unit keeps its minimum strength while an officer is away.",
        "fr": "Dit si une unité garde son effectif minimal pendant l’absence d’un membre.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    data_classes=frozenset({"public", "agency"}),
    quality="silver",
)


@hookimpl
async def eligibility_findings(ctx: Ctx, nomination: Nomination, strength: Strength | None) -> list[Finding] | None:
    """Return whether the officer's unit keeps the minimum that the settings ask of it."""
    return find(ctx.settings, nomination, strength)
