"""Use cases on officer files: list, show, add by hand, change, own fields."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
from sqlalchemy import func, select, tuple_

from core.agencies import Rank
from core.database.folding import patterns
from core.errors import Fault, Invalid, NotFound
from core.personnel.lifecycle import OFFICER_OWN, OFFICER_READ, OFFICER_WRITE
from core.personnel.models import Officer, Qualification
from core.personnel.register import HR_FIELDS, folded
from core.personnel.schemas import (
    ListOfficers,
    OfficerChange,
    OfficerFile,
    OfficerIn,
    OfficerList,
    OfficerSummary,
    OwnFields,
    QualificationOut,
)
from core.text import t
from core.use_cases.declaration import ById, use_case
from core.use_cases.output import shown
from core.use_cases.work import Work

SERVING = ("active", "leave", "seconded", "suspended")
SOON = timedelta(days=90)


@use_case(permission=OFFICER_READ, input=ListOfficers, output=OfficerList, reads=True)
async def list_officers(work: Work, data: ListOfficers) -> OfficerList:
    """List officers by family name."""
    query = select(Officer)
    if data.status == "serving":
        query = query.where(Officer.status.in_(SERVING))
    elif data.status != "all":
        query = query.where(Officer.status == data.status)
    if not work.ctx.actor.may(OFFICER_READ):
        query = query.where(Officer.id == work.ctx.actor.officer_id)
    for pattern in patterns(data.q):
        query = query.where(Officer.folded.like(pattern))
    total = int(await work.session.scalar(select(func.count()).select_from(query.subquery())) or 0)
    query = query.order_by(Officer.folded, Officer.id)
    if data.after:
        last: Officer = await work.get(Officer, data.after)
        query = query.where(tuple_(Officer.folded, Officer.id) > (last.folded, last.id))
    rows = (await work.session.execute(query.limit(data.limit + 1))).scalars().all()
    ranks = await work.ctx.agencies.ranks(work.session)
    officers = [summary_of(row, ranks) for row in rows[: data.limit]]
    return OfficerList(officers, total, str(officers[-1].id) if len(rows) > data.limit else None)


@use_case(permission=OFFICER_READ, input=ById, output=OfficerFile, looks={"agency"})
async def get_officer(work: Work, data: ById) -> OfficerFile:
    """Show an officer's file; an officer sees their own."""
    officer: Officer = await work.get(Officer, data.id)
    found = await officer_file(work, officer)
    await work.saw("officer.see", ("officer", officer.id), whose=officer.id, after={"officer": name_of(officer)})
    return found


@use_case(permission=OFFICER_WRITE, input=OfficerIn, output=OfficerFile)
async def add_officer(work: Work, data: OfficerIn) -> OfficerFile:
    """Add one officer by hand."""
    faults = await _rank_faults(work, data.rank_code) + await _number_faults(work, data.employee_number)
    if data.hire_date and data.hire_date > work.on:
        faults.append(Fault("/hire_date", t("This day is in the future.")))
    if faults:
        raise Invalid(faults)
    officer = Officer(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        source="hand",
        created_at=work.now,
        **msgspec.structs.asdict(data),
    )
    officer.folded = folded(officer)
    work.session.add(officer)
    await work.session.flush()
    await work.audit("officer.add", ("officer", officer.id), after=msgspec.to_builtins(data))
    await work.emit("officer_changed", ("officer", officer.id))
    return await officer_file(work, officer)


@use_case(permission=OFFICER_WRITE, input=OfficerChange, output=OfficerFile)
async def change_officer(work: Work, data: OfficerChange) -> OfficerFile:
    """Change an officer's file; what HR sends is changed in HR."""
    officer: Officer = await work.get(Officer, data.id)
    work.check_version(officer)
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if name != "id"}
    if data.employee_number is None:
        del given["employee_number"]
    changed = {name: value for name, value in given.items() if getattr(officer, name) != value}
    owned = [name for name in changed if name in owned_by_hr(officer)]
    if owned:
        raise Invalid([Fault(f"/{name}", t("HR owns this field: have it changed there.")) for name in owned])
    faults = await _rank_faults(work, data.rank_code) if "rank_code" in changed else []
    if "employee_number" in changed:
        faults += await _number_faults(work, changed["employee_number"])
    if faults:
        raise Invalid(faults)
    before = {name: getattr(officer, name) for name in changed}
    for name, value in changed.items():
        setattr(officer, name, value)
    officer.folded = folded(officer)
    await work.session.flush()
    await work.audit("officer.change", ("officer", officer.id), before=before, after=changed)
    await work.emit("officer_changed", ("officer", officer.id))
    return await officer_file(work, officer)


@use_case(permission=OFFICER_OWN, input=OwnFields, output=OfficerFile)
async def change_own_fields(work: Work, data: OwnFields) -> OfficerFile:
    """Enter what the officer owns; a coordinator may do it on their behalf."""
    officer: Officer = await work.get(Officer, data.id)
    if not work.ctx.actor.may(OFFICER_OWN, owner=officer.id):
        raise NotFound
    work.check_version(officer)
    if data.birth_date and not date(1930, 1, 1) <= data.birth_date <= work.on - timedelta(days=365 * 18):
        raise Invalid([Fault("/birth_date", t("Enter the date of birth of an adult."))])
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if name != "id"}
    changed = [name for name, value in given.items() if getattr(officer, name) != value]
    for name in changed:
        setattr(officer, name, given[name])
    officer.folded = folded(officer)
    await work.session.flush()
    await work.audit("officer.own_fields", ("officer", officer.id), after={"fields": changed})
    return await officer_file(work, officer)


def name_of(officer: Officer) -> str:
    """Return an officer's name as the log has it."""
    return f"{officer.given_name} {officer.family_name}"


def owned_by_hr(officer: Officer) -> list[str]:
    """Return the fields that HR owns in this file: none where the officer was added by hand."""
    return [] if officer.source == "hand" else [name for name in HR_FIELDS if getattr(officer, name) is not None]


def summary_of(officer: Officer, ranks: dict[str, Rank]) -> OfficerSummary:
    """Return an officer as shown in lists, with the rank's title in both languages."""
    rank = ranks.get(officer.rank_code)
    return shown(
        OfficerSummary,
        officer,
        rank_en=rank.title("en", officer.gender) if rank else officer.rank_code,
        rank_fr=rank.title("fr", officer.gender) if rank else officer.rank_code,
    )


async def officer_file(work: Work, officer: Officer) -> OfficerFile:
    """Return the whole file; raise ``NotFound`` where it is not the officer's own."""
    actor = work.ctx.actor
    if not actor.may(OFFICER_READ, owner=officer.id):
        raise NotFound
    query = select(Qualification).where(Qualification.officer_id == officer.id)
    rows = (await work.session.execute(query.order_by(Qualification.kind, Qualification.detail))).scalars()
    ranks = await work.ctx.agencies.ranks(work.session)
    return shown(
        OfficerFile,
        officer,
        officer=summary_of(officer, ranks),
        service_years=_years(officer.hire_date, work.on),
        owned_by_hr=owned_by_hr(officer),
        qualifications=[shown(QualificationOut, row, state=_validity(row.expires_on, work.on)) for row in rows],
        own=officer.id == actor.officer_id,
    )


def _validity(expires_on: date | None, on: date) -> str:
    if expires_on is None or expires_on > on + SOON:
        return "valid"
    return "soon" if expires_on >= on else "expired"


def _years(hired: date | None, on: date) -> int | None:
    return None if hired is None else on.year - hired.year - ((on.month, on.day) < (hired.month, hired.day))


async def _number_faults(work: Work, number: str) -> list[Fault]:
    same = select(Officer.id).where(Officer.employee_number == number)
    if await work.session.scalar(same) is None:
        return []
    return [Fault("/employee_number", t("An officer with this employee number is here already."))]


async def _rank_faults(work: Work, code: str) -> list[Fault]:
    ranks = await work.ctx.agencies.ranks(work.session)
    if code in ranks:
        return []
    return [Fault("/rank_code", t("Choose a rank of your service: %(ranks)s.", ranks=list(ranks)))]
