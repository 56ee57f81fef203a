"""The part an agency takes: states with their days, names with theirs, and who may change them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError

from core.context import Scope
from core.database.sessions import tenant_session
from core.errors import ContingentError, Forbidden, Invalid, NotFound, Refused
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tenants.answers import TenantAnswers, state_on
from tenants.directory import get_agency, list_agencies
from tenants.library import Library
from tenants.lifecycle import AGENCY_MOVE, AGENCY_PAUSE, AGENCY_READ, AGENCY_RENAME
from tenants.models import ScopeName, Standing
from tenants.schemas import AgencyOut, ListAgencies, NameIn, StandingIn
from tenants.standings import move_agency, pause_agency, rename_agency
from tests.platform import Platform
from tests.tenants.conftest import Open

DAY = date(2026, 11, 23)


def _change(step: Any, since: date = DAY, scope: Scope | None = None) -> StandingIn:
    return StandingIn(step=step, since=since, reason="Decided by the chief.", id=str(scope.id) if scope else None)


async def _state(platform: Platform, scope: Scope, on: date) -> str | None:
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        return await state_on(session, scope.id, on)


async def test_an_agency_pauses_itself_from_a_day_and_resumes(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["ns-halifax"])
    ctx = platform.ctx(scope, AGENCY_PAUSE)
    await execute(pause_agency, ctx, _change("pause", DAY + timedelta(days=7)))
    assert await _state(platform, scope, DAY) == "active"
    assert await _state(platform, scope, DAY + timedelta(days=7)) == "on_hold"
    await execute(pause_agency, ctx, _change("resume", DAY + timedelta(days=30)))
    assert await _state(platform, scope, DAY + timedelta(days=31)) == "active"


async def test_a_change_that_does_not_fit_is_refused_with_what_would_allow_it(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["ns-halifax"])
    operator = platform.ctx(platform.operator, AGENCY_MOVE)
    with pytest.raises(Refused, match="not possible now") as refused:
        await execute(move_agency, operator, _change("activate", scope=scope))
    assert str(refused.value.remedy) == "It is possible from: Joining."
    with pytest.raises(Invalid):
        await execute(move_agency, operator, _change("pause", date(1999, 1, 1), scope))
    for step in ("activate", "withdraw", "return"):
        with pytest.raises(Invalid):
            await execute(pause_agency, platform.ctx(scope, AGENCY_PAUSE), _change(step))


async def test_what_the_operator_put_on_hold_the_agency_does_not_resume(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["ns-halifax"])
    operator, ctx = platform.ctx(platform.operator, AGENCY_MOVE), platform.ctx(scope, AGENCY_PAUSE)
    await execute(move_agency, operator, _change("pause", DAY, scope))
    with pytest.raises(Refused, match="Decided by the chief") as refused:
        await execute(pause_agency, ctx, _change("resume", DAY))
    assert str(refused.value.remedy).startswith("Only the operator")
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        (gap,) = [gap for gap in await TenantAnswers().gaps(session, DAY) if gap.key == "state"]
    assert "operator" in str(gap.remedy)
    await execute(move_agency, operator, _change("resume", DAY + timedelta(days=1), scope))
    assert await _state(platform, scope, DAY + timedelta(days=1)) == "active"


async def test_an_agency_cannot_change_another(platform: Platform, open_agency: Open, library: Library) -> None:
    ours, theirs = await open_agency(library.agencies["ns-halifax"]), await open_agency(library.agencies["on-peel"])
    with pytest.raises(NotFound):
        await execute(pause_agency, platform.ctx(ours, AGENCY_PAUSE), _change("pause", scope=theirs))
    with pytest.raises(NotFound):
        await execute(move_agency, platform.ctx(ours, AGENCY_MOVE), _change("pause", scope=theirs))
    row = Standing(
        id=theirs.id,
        scope_id=theirs.id,
        since=DAY,
        state="withdrawn",
        set_by="agency",
        reason="",
        recorded_at=platform.clock.now(),
    )
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with tenant_session(platform.ctx(ours)) as session:
            session.add(row)
    async with tenant_session(platform.ctx(ours), read_only=True) as session:
        assert await state_on(session, theirs.id, DAY) is None


async def test_the_operator_brings_an_agency_in_ends_its_part_and_brings_it_back(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["nb-saint-john"])
    ctx = platform.ctx(platform.operator, AGENCY_MOVE, AGENCY_READ)
    states = []
    for day, step in enumerate(("activate", "withdraw", "return")):
        changed = await execute(move_agency, ctx, _change(step, DAY + timedelta(days=day), scope))
        states.append(changed.state)
    assert states == ["active", "withdrawn", "onboarding"]
    found = await execute(get_agency, ctx, ById(str(scope.id)))
    assert [one.state for one in found.standings] == ["onboarding", "withdrawn", "active", "onboarding"]
    assert (found.agreements, found.contracts, found.agency.kind) == ([], [], None)


async def test_of_two_changes_on_one_day_the_last_recorded_counts(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["on-peel"])
    ctx = platform.ctx(scope, AGENCY_PAUSE)
    await execute(pause_agency, ctx, _change("pause"))
    platform.clock.advance(timedelta(seconds=1))
    await execute(pause_agency, ctx, _change("resume"))
    assert await _state(platform, scope, DAY) == "active"


async def _listed(platform: Platform, scope: Scope, reader: Scope) -> AgencyOut:
    found = await execute(list_agencies, platform.ctx(reader, AGENCY_READ), ListAgencies())
    return next(one for one in found.agencies if one.id == scope.id)


async def test_ipob_sees_what_is_shared_and_the_operator_only_names_and_states(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["qc-sq"])
    seen = await _listed(platform, scope, platform.program)
    assert (seen.state, seen.confidence, seen.province) == ("active", "A", "QC")
    assert seen.agreement_expires == date(2029, 3, 31)
    assert seen.shares is not None
    assert "gender" not in seen.shares
    less = await _listed(platform, scope, platform.operator)
    assert (less.state, less.kind, less.agreement_expires, less.shares) == ("active", None, None, None)
    with pytest.raises(NotFound):
        await execute(list_agencies, platform.ctx(scope, AGENCY_READ), ListAgencies())


def _name(scope: Scope, **changes: Any) -> NameIn:
    values: dict[str, Any] = {
        "id": str(scope.id),
        "since": DAY,
        "name_en": "New Service",
        "name_fr": "Nouveau service",
        "code_en": "NS",
        "code_fr": "NS",
        "reason": "Merged.",
    }
    return NameIn(**(values | changes))


async def test_a_renamed_agency_keeps_its_id_and_its_old_name(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["qc-laval"])
    ctx = platform.ctx(platform.operator, AGENCY_RENAME, AGENCY_READ)
    await execute(rename_agency, ctx, _name(scope, slug=f"{scope.slug}-new"))
    found = await execute(get_agency, ctx, ById(str(scope.id)))
    assert (found.agency.id, found.agency.slug, found.agency.name_fr) == (
        scope.id,
        f"{scope.slug}-new",
        "Nouveau service",
    )
    assert {one.slug for one in found.names} == {scope.slug, f"{scope.slug}-new"}
    other = await open_agency(library.agencies["qc-gatineau"])
    for slug, wrong in ((scope.slug, "slug"), ("api", "slug"), ("Québec", "slug")):
        with pytest.raises(Invalid) as refused:
            await execute(rename_agency, ctx, _name(other, slug=slug))
        assert [fault.pointer for fault in refused.value.faults] == [f"/{wrong}"]
    with pytest.raises(Invalid):
        await execute(rename_agency, ctx, _name(other, since=DAY + timedelta(days=1)))


async def test_only_the_operator_renames(platform: Platform, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["qc-laval"])
    with pytest.raises(ContingentError):
        await execute(rename_agency, platform.ctx(scope, AGENCY_RENAME), _name(scope))
    with pytest.raises(Forbidden):
        await execute(rename_agency, platform.ctx(platform.operator, AGENCY_READ), _name(scope))
    row = ScopeName(
        id=scope.id,
        scope_id=scope.id,
        since=DAY,
        slug="x",
        code_en="",
        code_fr="",
        name_en="",
        name_fr="",
        recorded_at=platform.clock.now(),
    )
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with tenant_session(platform.ctx(scope)) as session:
            session.add(row)
