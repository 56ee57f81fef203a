"""Approval, advice, refusal, duties and messages. Written for contingent 1.0, never changed."""

from __future__ import annotations

from typing import Annotated

import msgspec

from contingent import (
    Ctx,
    Event,
    Finding,
    HttpFailed,
    Manifest,
    Milestone,
    NoApproval,
    Nomination,
    Notification,
    Rejected,
    Return,
    Step,
    Strength,
    Subject,
    Tour,
    Transition,
    Who,
    field,
    hookimpl,
    shift,
    t,
)


class Approver(msgspec.Struct, frozen=True):
    role: Annotated[str, field(t("Role"), longest=40)]
    deadline: Annotated[int, field(t("Days"), least=1, most=60)] = 10


class Settings(msgspec.Struct, frozen=True):
    approvers: Annotated[list[Approver], field(t("Who approves"))] = []
    smallest: Annotated[int, field(t("Officers who stay"), least=0, most=10_000)] = 2


manifest = Manifest(
    name="old_duties",
    version="1.0",
    title={"en": "Duties of old", "fr": "Tâches d’autrefois"},
    requires="contingent>=1.0,<2",
    settings=Settings,
    capabilities=frozenset({"http"}),
    hosts=("messages.example.org",),
    data_classes=frozenset({"public", "shared", "agency"}),
)


@hookimpl
async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval:
    if subject.kind == "release":
        return NoApproval(reason={"en": "A release needs none.", "fr": "Une libération n’en exige pas."})
    title = {"en": "Decide", "fr": "Décider"}
    return [
        Step(key=f"step-{place}", title=title, who=Who(role=one.role), deadline=one.deadline)
        for place, one in enumerate(ctx.settings.approvers)
    ] or [Step(key="chief", title=title, who=Who(rule="supervises_the_officer"), how_many="all")]


@hookimpl
async def eligibility_findings(ctx: Ctx, nomination: Nomination, strength: Strength | None) -> list[Finding]:
    stay = strength.officers.get(nomination.officer.band, 0) if strength else 0
    fits = stay > ctx.settings.smallest
    reason = {"en": f"{stay} of this band stay.", "fr": f"Il en reste {stay} de ce niveau."}
    return [Finding(key="cover", verdict="pass" if fits else "warn", reason=reason)]


@hookimpl
async def authorize_transition(ctx: Ctx, transition: Transition) -> None:
    if transition.officer.affiliation == "contracted":
        raise Rejected({"en": "Not for contractors.", "fr": "Pas pour le personnel contractuel."})


@hookimpl
async def reintegration_milestones(ctx: Ctx, tour: Tour) -> list[Milestone]:
    title = {"en": "Meet the supervisor", "fr": "Rencontrer la personne qui supervise"}
    return [Milestone(key="meeting", title=title, owner="supervisor", due=shift(tour.end, days=30), before_duty=True)]


@hookimpl
async def nomination_changed(ctx: Ctx, event: Event, nomination: Nomination) -> None:
    await ctx.store.put(f"nomination/{nomination.id}", {"state": nomination.state, "event": event.name})


@hookimpl
async def tour_changed(ctx: Ctx, event: Event, tour: Tour) -> None:
    await ctx.store.put(f"tour/{tour.id}", {"state": tour.state, "event": event.name})


@hookimpl
async def return_changed(ctx: Ctx, event: Event, return_file: Return) -> None:
    await ctx.store.delete(f"tour/{return_file.tour_id}")


@hookimpl
async def deliver_notification(ctx: Ctx, notification: Notification) -> None:
    try:
        answer = await ctx.http.send(
            "POST",
            "https://messages.example.org/send",
            content=msgspec.json.encode({"to": notification.address, "text": notification.text}),
        )
    except HttpFailed as failed:
        ctx.log.warning("no answer")
        raise failed from None
    if answer.status >= 400:
        raise Rejected({"en": "It was refused.", "fr": "Il a été refusé."}, final=True)
