"""The plugin: its manifest, and the one hook it implements."""

from __future__ import annotations

from contingent import Ctx, Manifest, Rejected, Transition, hookimpl
from plugins.qualification_gate.service import reason, wanting
from plugins.qualification_gate.settings import Settings

manifest = Manifest(
    name="qualification_gate",
    version="1.0",
    title={"en": "Qualification gate", "fr": "Qualifications exigées"},
    summary={
        "en": "Refuses a step while a qualification that you ask for is not in force.",
        "fr": "Refuse une étape tant qu’une qualification que vous exigez n’est pas en vigueur.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    data_classes=frozenset({"public", "agency"}),
    quality="silver",
)


@hookimpl
async def authorize_transition(ctx: Ctx, transition: Transition) -> None:
    """Refuse the step while something that the settings ask for is not in force."""
    missing = wanting(ctx.settings, transition)
    if missing:
        raise Rejected(reason(missing))
