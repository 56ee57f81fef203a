"""The plugin: its manifest, and the one hook it implements."""

from __future__ import annotations

from contingent import Ctx, Manifest, NoApproval, Step, Subject, hookimpl
from plugins.approval_chain.service import answer
from plugins.approval_chain.settings import Settings

manifest = Manifest(
    name="approval_chain",
    version="1.0",
    title={"en": "Approval chain", "fr": "Chaîne d’approbation"},
    summary={
        "en": "Declares in its settings who approves what, in which order and by when.",
        "fr": "Ses paramètres disent qui approuve quoi, dans quel ordre et dans quel délai.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    data_classes=frozenset({"public", "agency"}),
    quality="silver",
)


@hookimpl
async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
    """Return the steps that the settings declare."""
    return answer(ctx.settings)
