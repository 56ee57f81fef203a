"""The plugin: its manifest, and the two hooks it implements."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from contingent import ConnectionStep, Ctx, Manifest, Rejected, Source, SourcePage, Words, hookimpl
from plugins.hr_file.service import read_pages
from plugins.hr_file.settings import Settings

manifest = Manifest(
    name="hr_file",
    version="1.0",
    title={"en": "Worker file", "fr": "Fichier du personnel"},
    summary={
        "en": "Reads worker records from a CSV or XLSX file that somebody uploads.",
        "fr": "Lit le personnel dans un fichier CSV ou XLSX téléversé.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    capabilities=frozenset({"files"}),
    data_classes=frozenset({"public", "agency"}),
    quality="silver",
)


@hookimpl
async def hr_test_connection(ctx: Ctx, source: Source) -> list[ConnectionStep] | None:
    """Try to read the file; without one there is nothing to connect to."""
    title: Words = {"en": "Read the file", "fr": "Lire le fichier"}
    if source.upload is None:
        detail: Words = {"en": "Upload a file to try it.", "fr": "Téléversez un fichier pour l’essayer."}
        return [ConnectionStep(title={"en": "Ready", "fr": "Prêt"}, done=True, detail=detail)]
    file = await ctx.files.open(source.upload)
    try:
        await asyncio.to_thread(lambda: list(read_pages(file, ctx.settings)))
    except Rejected as refusal:
        return [ConnectionStep(title=title, done=False, detail=refusal.reason)]
    return [ConnectionStep(title=title, done=True)]


@hookimpl
async def hr_fetch(ctx: Ctx, source: Source, cursor: str | None) -> AsyncIterator[SourcePage]:
    """Yield the rows of the uploaded file; parsing runs beside the event loop."""
    if source.upload is None:
        raise Rejected({"en": "No file was uploaded.", "fr": "Aucun fichier n’a été téléversé."})
    file = await ctx.files.open(source.upload)
    pages = await asyncio.to_thread(lambda: list(read_pages(file, ctx.settings)))
    for page in pages:
        yield page
