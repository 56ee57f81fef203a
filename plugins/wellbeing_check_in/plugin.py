"""The plugin: its manifest and the hooks it implements. It receives health data, so it runs in a sandbox alone."""

from __future__ import annotations

from contingent import (
    Action,
    Advice,
    Answered,
    Chosen,
    Ctx,
    Done,
    Faults,
    Homecoming,
    Manifest,
    Overview,
    Panel,
    Place,
    Question,
    Tour,
    hookimpl,
)
from plugins.wellbeing_check_in import arranging, service, showing
from plugins.wellbeing_check_in.settings import Settings

manifest = Manifest(
    name="wellbeing_check_in",
    version="1.0",
    title={"en": "Wellbeing check-in", "fr": "Point sur le mieux-être"},
    summary={
        "en": "Asks officers after a return how they are, tells them what follows, and keeps none of it.",
        "fr": "Demande aux membres de retour comment ils vont, leur dit ce qui en découle, et n’en conserve rien.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    data_classes=frozenset({"public", "agency", "health"}),
    tier=2,
    quality="silver",
)


@hookimpl
async def check_in_questions(ctx: Ctx, homecoming: Homecoming) -> list[Question] | None:
    """Return the questions of the settings, alike for everybody."""
    return service.questions_of(ctx.settings)


@hookimpl
async def check_in_advice(ctx: Ctx, answered: Answered) -> list[Advice] | None:
    """Return whom to talk to, from how many answers speak for it."""
    return service.advice_on(ctx.settings, answered.answers)


@hookimpl
def dashboard_panels(ctx: Ctx, overview: Overview) -> list[Panel] | None:
    """Return which talks come up."""
    panel = showing.on_overview(ctx.settings, overview, ctx.today)
    return [panel] if panel else None


@hookimpl
def officer_panels(ctx: Ctx, place: Place) -> list[Panel] | None:
    """Return, to the officer alone, when the next talk is."""
    return [showing.on_own_return(place.homecoming)] if place.own and place.homecoming else None


@hookimpl
def tour_panels(ctx: Ctx, tour: Tour) -> list[Panel] | None:
    """Return when the first check-in should be offered."""
    return None if tour.state in ("ended", "cancelled") else [showing.on_tour(ctx.settings, tour)]


@hookimpl
def offered_actions(ctx: Ctx, place: Place) -> list[Action] | None:
    """Offer to arrange a talk on an open return."""
    return arranging.offered(place)


@hookimpl
async def run_action(ctx: Ctx, chosen: Chosen) -> Done | Faults | None:
    """Arrange the talk that was asked for."""
    return arranging.arrange(chosen, ctx.today) if chosen.key == arranging.KEY else None
