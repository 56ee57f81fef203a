"""The manifest, and the two hooks: try the file, and read it page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from contingent import ConnectionStep, Ctx, Manifest, Rejected, Source, SourcePage, Words, hookimpl

from payroll_extract.service import pages
from payroll_extract.settings import Settings

manifest = Manifest(
    name="payroll_extract",
    version="1.0.0",
    title={"en": "Payroll extract", "fr": "Extrait de la paie"},
    summary={
        "en": "Reads worker records from the fixed-width file of a payroll system.",
        "fr": "Lit le personnel dans le fichier à largeur fixe d’un système de paie.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    capabilities=frozenset({"files"}),
    data_classes=frozenset({"public", "agency"}),
    quality="gold",
)


@hookimpl
async def hr_test_connection(ctx: Ctx, source: Source) -> list[ConnectionStep] | None:
    """Say whether the file can be read, and if not, what to change."""
    title: Words = {"en": "Read the extract", "fr": "Lire l’extrait"}
    try:
        await _read(ctx, source)
    except Rejected as refusal:
        return [ConnectionStep(title=title, done=False, detail=refusal.reason)]
    return [ConnectionStep(title=title, done=True)]


@hookimpl
async def hr_fetch(ctx: Ctx, source: Source, cursor: str | None) -> AsyncIterator[SourcePage]:
    """Yield the records, under the names that the settings give to the fields."""
    for page in await _read(ctx, source):
        yield page


async def _read(ctx: Ctx, source: Source) -> list[SourcePage]:
    if source.upload is None:
        raise Rejected({"en": "No file was uploaded.", "fr": "Aucun fichier n’a été téléversé."})
    settings: Settings = ctx.settings
    file = await ctx.files.open(source.upload)
    # Beside the event loop, which serves everybody.
    return await asyncio.to_thread(pages, file, settings)
