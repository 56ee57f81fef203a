"""What is shown and offered. Written for contingent 1.0, never changed."""

from __future__ import annotations

from contingent import (
    Action,
    Bar,
    Chosen,
    Column,
    Ctx,
    Done,
    Fact,
    Facts,
    Fault,
    Faults,
    Figure,
    Manifest,
    Notice,
    Overview,
    PageLink,
    Panel,
    Place,
    Question,
    Row,
    Table,
    Tour,
    hookimpl,
)

manifest = Manifest(
    name="old_desk",
    version="1.0",
    title={"en": "Desk of old", "fr": "Bureau d’autrefois"},
    requires="contingent>=1.0,<2",
    data_classes=frozenset({"public", "shared", "agency"}),
)

DAYS = {"en": "Days", "fr": "Jours"}


@hookimpl
def dashboard_panels(ctx: Ctx, overview: Overview) -> list[Panel]:
    rows = [
        Row(cells=[{"en": one.state, "fr": one.state}, one.home], link=PageLink(kind="return", id=one.id))
        for one in overview.returns
    ]
    columns = [Column(title={"en": "State", "fr": "État"}), Column(title={"en": "Home", "fr": "Retour"}, kind="day")]
    title = {"en": "Returns", "fr": "Retours"}
    return [Panel(key="returns", title=title, parts=[Table(title=title, columns=columns, rows=rows)])]


@hookimpl
def officer_panels(ctx: Ctx, place: Place) -> list[Panel]:
    if place.officer is None:
        return []
    facts = [Fact(title={"en": "Band", "fr": "Niveau"}, value=place.officer.band)]
    return [Panel(key="officer", title={"en": "Officer", "fr": "Membre"}, parts=[Facts(facts=facts)])]


@hookimpl
def tour_panels(ctx: Ctx, tour: Tour) -> list[Panel]:
    whole = (tour.end - tour.start).days
    part = max(0, min(whole, (ctx.today - tour.start).days))
    figure = Figure(title=DAYS, unit=DAYS, bars=[Bar(title=DAYS, part=part, whole=whole)])
    said = Notice(text={"en": "Hazardous", "fr": "Dangereux"}, tone="warn" if tour.hazardous else "ok")
    return [Panel(key="tour", title=DAYS, parts=[figure, said])]


@hookimpl
def offered_actions(ctx: Ctx, place: Place) -> list[Action]:
    asked = Question(key="words", title={"en": "Words", "fr": "Mots"}, required=True)
    return [Action(key="note", title={"en": "Note", "fr": "Noter"}, form=[asked])]


@hookimpl
async def run_action(ctx: Ctx, chosen: Chosen) -> Done | Faults:
    words = str(chosen.answers.get("words", ""))
    if not words:
        return Faults(faults=[Fault(key="words", reason={"en": "Write something.", "fr": "Écrivez quelque chose."})])
    await ctx.store.put(f"note/{chosen.id}", {"length": len(words)})
    return Done(said={"en": "It is noted.", "fr": "C’est noté."})
