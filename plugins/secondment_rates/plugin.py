"""The plugin: its manifest, and the one hook it implements."""

from __future__ import annotations

from contingent import ClaimLine, Ctx, Manifest, Period, Tour, hookimpl
from plugins.secondment_rates.service import lines
from plugins.secondment_rates.settings import Settings

manifest = Manifest(
    name="secondment_rates",
    version="1.0",
    title={"en": "Rates of the cost agreement", "fr": "Taux de l’entente sur les coûts"},
    summary={
        "en": "Reckons what may be claimed for a tour from the rates that were agreed on, day by day.",
        "fr": "Calcule ce qui peut être réclamé pour une affectation selon les taux convenus, jour par jour.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    data_classes=frozenset({"public", "agency"}),
    quality="silver",
)


@hookimpl
async def claim_lines(ctx: Ctx, tour: Tour, period: Period) -> list[ClaimLine] | None:
    """Return a line for each rate that was valid on a day of the tour that was served in the period."""
    return lines(ctx.settings, tour, period, ctx.today)
