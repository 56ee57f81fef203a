"""Settings of a chain that could leave somebody waiting for ever are refused, saying for whom.

The plugin is asked for the chain it would give with the new settings, for each kind of case in
which the agency names it; each step is then held against who is there to decide it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from core.approvals.models import ChainProvider
from core.approvals.progress import DUTIES
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Fault
from core.hooks.registry import Plugin
from core.hooks.specs import approval_chain
from core.hooks.types import NoApproval, Nomination, Officer, Step, Subject
from core.people import Person
from core.text import t
from core.use_cases.work import Work

OFF = ("suspended", "resting", "blocked")
"""Why a plugin may not be asked now: it is looked at when it runs again."""

NOBODY = UUID(int=0)

NOBODY_REFUSED = t(
    "It says that nobody need approve. Cases would wait for ever: your service does not allow that answer."
)


class _There(msgspec.Struct, frozen=True):
    """Who is there to decide: by role, by seat, and when nobody else is left."""

    holders: dict[str, list[Person]]
    seats: dict[UUID, Person]
    outside: Person | None


async def find_deadlocks(ctx: Ctx, plugin: Plugin, settings: Any) -> list[Fault]:
    """Return what could never be decided with these settings, at the setting that says so."""
    async with tenant_session(ctx, read_only=True) as session:
        named = await session.execute(
            select(ChainProvider.kind, ChainProvider.outside_seat, ChainProvider.nobody_allowed).where(
                ChainProvider.plugin == plugin.name
            )
        )
        providers = [(row.kind, row.outside_seat, row.nobody_allowed) for row in named]
    faults: dict[tuple[str, str], Fault] = {}
    for kind, outside, nobody_allowed in providers:
        for fault in await find_deadlocks_of(
            ctx, plugin.name, settings, kind, outside=outside, nobody_allowed=nobody_allowed
        ):
            faults.setdefault((fault.pointer, str(fault.text)), fault)
    return list(faults.values())


async def find_deadlocks_of(
    ctx: Ctx, plugin: str, settings: Any, kind: Any, *, outside: UUID | None, nobody_allowed: bool
) -> list[Fault]:
    """Return what could never be decided of one ``kind`` of case, if ``outside`` decides when nobody is left."""
    trial = ctx.hooks.trying(plugin, settings)
    answers = await trial.one(plugin, approval_chain, subject=_invented(ctx, kind))
    if any(failure.cause in OFF for failure in answers.failures):
        return []
    answer: Any = answers.results[0] if answers.results else []
    if isinstance(answer, NoApproval):
        return [] if nobody_allowed else [Fault("", NOBODY_REFUSED)]
    steps: list[Step] = answer
    if not any(step.kind != "inform" for step in steps):
        return [Fault("", t("With these settings there is no chain: every case would wait for ever."))]
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        there = await _who_is_there(work, steps, outside)
    return [fault for place, step in enumerate(steps) for fault in _stuck(ctx, settings, steps[:place], step, there)]


async def _who_is_there(work: Work, steps: Sequence[Step], outside: UUID | None) -> _There:
    people = work.ctx.people
    holders = {role: await people.holders(work.session, role) for role in {_role(step) for step in steps}}
    wanted = {step.who.person for step in steps if step.who.person} | ({outside} if outside else set())
    seats = {seat: await people.person(work.session, seat) for seat in wanted}
    known = {seat: person for seat, person in seats.items() if person}
    return _There(holders, known, known.get(outside) if outside else None)


def _stuck(ctx: Ctx, settings: Any, before: Sequence[Step], step: Step, there: _There) -> list[Fault]:
    """Return why the step may never be decided: by nobody, by too few, or not for somebody's own file."""
    if step.kind == "inform":
        return []
    place, title = _place_of(settings, step.key), step.title[ctx.language]
    able = _holders(step, there)
    if not able and there.outside is None:
        words = t(
            "Nobody holds the role “%(role)s” that decides “%(step)s”.",
            role=DUTIES.get(_role(step), _role(step)),
            step=title,
        )
        if step.who.unit:
            words = t(
                "Nobody in the unit “%(unit)s” holds the role “%(role)s” that decides “%(step)s”.",
                unit=step.who.unit,
                role=DUTIES.get(_role(step), _role(step)),
                step=title,
            )
        return [Fault(place, words)]
    faults = []
    needed = step.how_many if isinstance(step.how_many, int) else 1
    left = len(able) - (_spent(before, able, there) if needed > 1 else 0)
    if needed > 1 and left < needed:
        words = t(
            "“%(step)s” needs %(needed)s persons who have not decided before; it may have only %(left)s.",
            step=title,
            needed=needed,
            left=max(left, 0),
        )
        faults.append(Fault(place, words))
    for person in able:
        others = [one for one in able if one.id != person.id]
        alone = not others and (there.outside is None or there.outside.id == person.id)
        if person.officer_id is not None and (alone or (1 < needed <= len(able) and len(others) < needed)):
            words = t(
                "“%(step)s” could never be decided for %(name)s: nobody else is left.", step=title, name=person.name
            )
            faults.append(Fault(place, words))
    return faults


def _spent(before: Sequence[Step], able: Sequence[Person], there: _There) -> int:
    """Return how many of ``able`` may have decided an earlier step, and decide no second time."""
    seats = {person.id for person in able}
    spent = 0
    for step in before:
        if step.kind == "decide":
            shared = len({person.id for person in _holders(step, there)} & seats)
            spent += shared if step.how_many == "all" else min(shared, 1 if step.how_many == "any" else step.how_many)
    return min(spent, len(seats))


def _holders(step: Step, there: _There) -> list[Person]:
    if step.who.person is not None:
        found = [there.seats[step.who.person]] if step.who.person in there.seats else []
    elif step.who.rule == "outside_decider":
        return [there.outside] if there.outside else []
    else:
        found = there.holders[_role(step)]
    return [person for person in found if not step.who.unit or person.unit == step.who.unit]


def _role(step: Step) -> str:
    return "supervisor" if step.who.rule == "supervises_the_officer" else step.who.role


def _place_of(settings: Any, key: str) -> str:
    """Return the pointer of the setting that declares the step: an entry of a list with the step's key."""
    told = msgspec.to_builtins(settings)
    for name, entries in told.items() if isinstance(told, dict) else ():
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict) and entry.get("key") == key:
                return f"/{name}/{index}/{'role' if 'role' in entry else 'key'}"
    return ""


def _invented(ctx: Ctx, kind: Any) -> Subject:
    """Return a subject that nobody has, to ask for a chain with."""
    if kind == "agreement":
        return Subject(kind=kind, id=NOBODY)
    officer = Officer(id=NOBODY, rank="none", band=1)
    nomination = Nomination(
        id=NOBODY, call_id=NOBODY, officer=officer, state="draft", mission="NONE", starts=ctx.today, months=12
    )
    return Subject(kind=kind, id=NOBODY, concerns=NOBODY, nomination=nomination)
