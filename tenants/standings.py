"""Use cases on the part an agency takes: states with their days, names with theirs, and the list of agencies."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.database.directory import ScopeRow
from core.errors import Fault, Invalid, NotFound, Refused
from core.text import t
from core.use_cases.declaration import EVER, NOW, use_case
from core.use_cases.output import shown
from core.use_cases.work import Work
from tenants.checking import is_agency_slug
from tenants.lifecycle import AGENCY, AGENCY_MOVE, AGENCY_PAUSE, AGENCY_RENAME
from tenants.models import ScopeName, Standing
from tenants.schemas import NameIn, NameOut, StandingIn, StandingOut

OWN = ("pause", "resume")
"""The changes that an agency makes itself."""


@use_case(permission=AGENCY_PAUSE, input=StandingIn, output=StandingOut, backdated=NOW)
async def pause_agency(work: Work, data: StandingIn) -> StandingOut:
    """Pause or resume one's own agency; while it is on hold, no nomination leaves."""
    if data.id not in {None, str(work.ctx.scope.id)}:
        raise NotFound
    if data.step not in OWN:
        titles = [AGENCY.find(name).title for name in OWN]
        raise Invalid([Fault("/step", t("Choose one of: %(choices)s.", choices=titles))])
    known = await standings_of(work, work.ctx.scope.id)
    if data.step == "resume" and known and known[0].held_by_operator:
        raise Refused(
            t("The platform operator put your service on hold, for this reason: %(reason)s", reason=known[0].reason),
            t("Only the operator can let it take part again: write to them or to IPOB."),
        )
    return await _move(work, work.ctx.scope.id, data, set_by="agency")


@use_case(permission=AGENCY_MOVE, input=StandingIn, output=StandingOut, scopes={"platform"}, backdated=EVER)
async def move_agency(work: Work, data: StandingIn) -> StandingOut:
    """Make an agency active, put it on hold, end its part or bring it back."""
    scope = await find_agency(work, data.id)
    return await _move(work, scope.id, data, set_by="operator")


@use_case(permission=AGENCY_RENAME, input=NameIn, output=NameOut, scopes={"platform"}, backdated=EVER)
async def rename_agency(work: Work, data: NameIn) -> NameOut:
    """Record a new name (and word in addresses) from a day on; what is older keeps the old name."""
    scope = await find_agency(work, data.id)
    slug = data.slug or scope.slug
    await _check_slug(work, scope, slug)
    if data.since > work.on:
        raise Invalid([Fault("/since", t("Record a new name on the day it takes effect, or later."))])
    before = {"slug": scope.slug, "name_en": scope.name_en, "name_fr": scope.name_fr}
    scope.slug, scope.name_en, scope.name_fr = slug, data.name_en, data.name_fr
    row = ScopeName(
        id=work.new_id(),
        scope_id=scope.id,
        since=data.since,
        slug=slug,
        code_en=data.code_en,
        code_fr=data.code_fr,
        name_en=data.name_en,
        name_fr=data.name_fr,
        recorded_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    after = {"slug": slug, "name_en": data.name_en, "name_fr": data.name_fr, "since": data.since}
    await work.audit("agency.rename", ("scope", scope.id), before=before, after=after, reason=data.reason)
    await work.emit("agency_changed", ("scope", scope.id), tenant=scope.id)
    return shown(NameOut, row)


async def find_agency(work: Work, id: str | None) -> ScopeRow:
    """Return the directory's row of an agency, or raise ``NotFound``."""
    try:
        key = UUID(id or "")
    except ValueError:
        raise NotFound from None
    row: ScopeRow | None = await work.session.get(ScopeRow, key)
    if row is None or row.kind != "agency":
        raise NotFound
    return row


async def standings_of(work: Work, scope_id: UUID) -> list[StandingOut]:
    """Return the states of an agency, the latest first; of several on one day the last recorded."""
    query = select(Standing).where(Standing.scope_id == scope_id).order_by(Standing.since, Standing.recorded_at)
    of_day = {row.since: row for row in (await work.session.execute(query)).scalars()}
    return [shown(StandingOut, of_day[since]) for since in sorted(of_day, reverse=True)]


async def current_standings(work: Work) -> dict[UUID, Standing]:
    """Return the state of each agency that the scope may see, as it is on ``work.on``."""
    query = select(Standing).where(Standing.since <= work.on).order_by(Standing.since, Standing.recorded_at)
    return {row.scope_id: row for row in (await work.session.execute(query)).scalars()}


async def names_of(work: Work, scope_id: UUID) -> list[NameOut]:
    """Return what an agency has been called, the latest first."""
    query = select(ScopeName).where(ScopeName.scope_id == scope_id)
    rows = await work.session.scalars(query.order_by(ScopeName.since.desc(), ScopeName.recorded_at.desc()))
    return [shown(NameOut, row) for row in rows]


async def _move(work: Work, scope_id: UUID, data: StandingIn, *, set_by: str) -> StandingOut:
    """Add a state: checked against the last that is recorded, which it may not precede."""
    known = await standings_of(work, scope_id)
    transition = AGENCY.find(data.step)
    state: str | None = known[0].state if known else None
    if state not in transition.sources:
        now: Any = AGENCY.states[state] if state else "–"
        raise Refused(
            t("“%(step)s” is not possible now: the state is “%(state)s”.", step=transition.title, state=now),
            AGENCY.way_to(data.step),
        )
    _after(known[0].since, data.since)
    row = Standing(
        id=work.new_id(),
        scope_id=scope_id,
        since=data.since,
        state=transition.target,
        set_by=set_by,
        reason=data.reason,
        recorded_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    before, after = {"state": state}, {"state": row.state, "since": row.since}
    await work.audit(f"agency.{data.step}", ("scope", scope_id), before=before, after=after, reason=data.reason)
    await work.emit("agency_changed", ("scope", scope_id), tenant=scope_id)
    return shown(StandingOut, row)


def _after(last: date, since: date) -> None:
    if since < last:
        raise Invalid([Fault("/since", t("Enter %(day)s or a later day.", day=last))])


async def _check_slug(work: Work, scope: ScopeRow, slug: str) -> None:
    """Refuse a word that is no address of an agency, or that any scope has or ever had."""
    if slug == scope.slug:
        return
    if not is_agency_slug(slug):
        raise Invalid([Fault("/slug", t("Use the province, a dash and a-z, 0-9 or dashes, such as qc-spvm."))])
    used = select(ScopeName.scope_id).where(ScopeName.slug == slug, ScopeName.scope_id != scope.id).limit(1)
    if await work.session.scalar(used) or await work.session.scalar(select(ScopeRow.id).where(ScopeRow.slug == slug)):
        raise Invalid([Fault("/slug", t("Another service is or was called so: addresses never change hands."))])
