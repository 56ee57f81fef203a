"""What an agency records opens its gates; what is wrong is refused by the field, and nothing is half-saved."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
from sqlalchemy import select

from core.audit.models import AuditLine
from core.context import Scope
from core.database.sessions import tenant_session
from core.errors import Forbidden, Invalid, NotFound
from core.ids import new_id
from core.use_cases.declaration import Nothing, UseCase
from core.use_cases.execution import execute
from tenants import words
from tenants.contracts import accept_contract, propose_contract
from tenants.files import AgencyFile
from tenants.library import Library
from tenants.lifecycle import AGENCY_READ, AGREEMENT_WRITE, CONTRACT_ACCEPT, CONTRACT_PROPOSE, PRIVACY_WRITE
from tenants.schemas import AcceptIn, ActIn, ActKind, AgreementIn, ContractIn, FieldName, GatesOut, PrivacyIn
from tenants.service import get_gates, record_act, record_agreement, record_privacy
from tests.platform import Platform
from tests.tenants.conftest import Open

DAY = date(2026, 11, 23)


async def _gates(platform: Platform, scope: Scope) -> GatesOut:
    return await execute(get_gates, platform.ctx(scope, AGENCY_READ), Nothing())


def _new(library: Library) -> AgencyFile:
    return library.agencies["nb-saint-john"]


def test_the_words_of_forms_are_those_of_files() -> None:
    assert set(get_args(ActKind)) == set(words.ACTS)
    assert get_args(FieldName) == tuple(words.FIELDS)


async def test_a_service_that_joins_records_its_way_through_the_gates(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(_new(library))
    ctx = platform.ctx(scope, AGREEMENT_WRITE, CONTRACT_PROPOSE)
    agreement = AgreementIn(reference="SJ-1", starts_on=DAY, expires_on=date(2029, 3, 31))
    made = await execute(record_agreement, ctx, agreement)
    assert [gap.key for gap in (await _gates(platform, scope)).gaps] == ["state", "act:board_resolution", "sharing"]
    act = ActIn(id=str(made.id), kind="board_resolution", number="2026-11", decided_on=DAY)
    await execute(record_act, ctx, act)
    await execute(propose_contract, ctx, ContractIn(since=DAY, fields=["family_name", "given_name"]))
    waiting = (await _gates(platform, scope)).gaps[-1]
    assert str(waiting.what) == "version 1 of the sharing contract waits for IPOB’s consent"
    ipob = platform.ctx(platform.program, CONTRACT_ACCEPT)
    accepted = await execute(accept_contract, ipob, AcceptIn(id=str(scope.id), number=1))
    assert (accepted.state, [one.field for one in accepted.fields]) == ("in_force", ["given_name", "family_name"])
    assert [gap.key for gap in (await _gates(platform, scope)).gaps] == ["state"]


async def test_bromont_opens_by_recording_its_two_papers(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["qc-bromont"])
    ctx = platform.ctx(scope, PRIVACY_WRITE, name="Camille Roy")
    for kind in ("privacy_assessment", "written_agreement"):
        paper = PrivacyIn(kind=kind, reference=f"EFVP-{kind}", made_on=DAY, lapses_on=date(2029, 3, 31))
        await execute(record_privacy, ctx, paper)
    assert not (await _gates(platform, scope)).gaps
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        line = await session.scalar(select(AuditLine).where(AuditLine.action == "privacy_record.record").limit(1))
    assert line is not None
    assert line.after is not None
    assert (line.actor_name, line.after["made_on"]) == ("Camille Roy", "2026-11-23")


async def test_what_cannot_be_recorded_is_refused_by_the_field(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["qc-laval"])
    ctx = platform.ctx(scope, AGREEMENT_WRITE, PRIVACY_WRITE, CONTRACT_PROPOSE)
    known = (await _gates(platform, scope)).agreements[0]
    backwards = AgreementIn(reference="X", starts_on=DAY, expires_on=date(2020, 1, 1))
    twice = AgreementIn(reference=known.reference, starts_on=DAY, expires_on=DAY)
    again = ActIn(id=str(known.id), kind="order_in_council", number="1", decided_on=DAY)
    future = ActIn(id=str(known.id), kind="legal_form", number="1", decided_on=date(2026, 11, 24))
    lapsed = PrivacyIn(kind="privacy_assessment", reference="X", made_on=DAY, lapses_on=date(2020, 1, 1))
    early = ContractIn(since=date(2026, 11, 22), fields=["rank"])
    double = ContractIn(since=DAY, fields=["rank", "rank"])
    refusals: list[tuple[UseCase[Any, Any], Any, str]] = [
        (record_agreement, backwards, "/expires_on"),
        (record_agreement, twice, "/reference"),
        (record_act, again, "/kind"),
        (record_act, future, "/decided_on"),
        (record_privacy, lapsed, "/lapses_on"),
        (propose_contract, early, "/since"),
        (propose_contract, double, "/fields"),
    ]
    for case, data, pointer in refusals:
        with pytest.raises(Invalid) as refused:
            await execute(case, ctx, data)
        assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert len((await _gates(platform, scope)).agreements) == 1


async def test_no_act_is_recorded_that_was_decided_when_its_agreement_was_over(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["qc-laval"])
    ctx = platform.ctx(scope, AGREEMENT_WRITE)
    last = date(2024, 3, 31)
    made = await execute(
        record_agreement, ctx, AgreementIn(reference="OLD", starts_on=date(2021, 4, 1), expires_on=last)
    )
    days: list[tuple[ActKind, date]] = [
        ("order_in_council", last + timedelta(days=1)),
        ("order_in_council", last),
        ("legal_form", DAY),
    ]
    acts = [ActIn(id=str(made.id), kind=kind, number="1", decided_on=day) for kind, day in days]
    acts.append(ActIn(id=str(made.id), kind="legal_form", number="2", decided_on=date(2020, 12, 1)))
    for act, refused in zip(acts, (True, False, True, False), strict=True):
        if not refused:
            assert len((await execute(record_act, ctx, act)).acts) == 1
            continue
        with pytest.raises(Invalid) as caught:
            await execute(record_act, ctx, act)
        (fault,) = caught.value.faults
        assert (fault.pointer, fault.text.params) == ("/decided_on", {"reference": "OLD", "last": last})
    with pytest.raises(Invalid) as caught:
        await execute(record_act, ctx, acts[0])
    assert [fault.pointer for fault in caught.value.faults] == ["/kind", "/decided_on"]


async def test_another_agencys_agreement_and_files_do_not_exist(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    ours, theirs = await open_agency(library.agencies["qc-laval"]), await open_agency(library.agencies["qc-gatineau"])
    ctx = platform.ctx(ours, AGREEMENT_WRITE)
    foreign = str((await _gates(platform, theirs)).agreements[0].id)
    own = str((await _gates(platform, ours)).agreements[0].id)
    for id, document in ((foreign, None), ("nonsense", None), (own, str(new_id(platform.clock)))):
        act = ActIn(id=id, kind="legal_form", number="1", decided_on=DAY, document_id=document)
        with pytest.raises(NotFound):
            await execute(record_act, ctx, act)


async def test_nobody_records_without_the_permission(platform: Platform, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["on-durham"])
    ctx = platform.ctx(scope, AGENCY_READ)
    with pytest.raises(Forbidden):
        await execute(record_agreement, ctx, AgreementIn(reference="X", starts_on=DAY, expires_on=DAY))
    with pytest.raises(Forbidden):
        await execute(propose_contract, ctx, ContractIn(since=DAY, fields=[]))


async def test_a_new_version_keeps_purposes_and_replaces_the_old_when_its_day_comes(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["on-durham"])
    ctx = platform.ctx(scope, CONTRACT_PROPOSE)
    later = ContractIn(since=date(2027, 1, 1), fields=["rank", "telephone"], retention_days=30)
    proposed = await execute(propose_contract, ctx, later)
    assert [(one.field, one.purpose, one.retention_days) for one in proposed.fields] == [
        ("rank", "selection", 30),
        ("telephone", "duty_of_care", 30),
    ]
    ipob = platform.ctx(platform.program, CONTRACT_ACCEPT)
    await execute(accept_contract, ipob, AcceptIn(id=str(scope.id), number=2))
    assert [one.state for one in (await _gates(platform, scope)).contracts] == ["agreed", "in_force"]
    platform.clock.set(platform.clock.now().replace(year=2027, month=1, day=2))
    assert [one.state for one in (await _gates(platform, scope)).contracts] == ["in_force", "replaced"]


async def test_ipob_accepts_only_the_latest_version_and_only_once(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["on-durham"])
    ipob = platform.ctx(platform.program, CONTRACT_ACCEPT)
    for id, number, error in (
        (str(scope.id), 1, "accepted already"),
        (str(scope.id), 2, "no longer the one"),
    ):
        with pytest.raises(Exception, match=error):
            await execute(accept_contract, ipob, AcceptIn(id=id, number=number))
    for nobody in (str(UUID(int=7)), "nonsense"):
        with pytest.raises(NotFound):
            await execute(accept_contract, ipob, AcceptIn(id=nobody, number=1))
