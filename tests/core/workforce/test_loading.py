"""Loading: whom the service chose and nobody else, the brake, who is missing, stale and repeated applying."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from core.audit.models import AuditLine
from core.database.sessions import tenant_session
from core.documents.disposal import dispose_of_old
from core.documents.models import Document
from core.errors import Conflict, ContingentError, Invalid, Refused
from core.personnel.schemas import OfficerChange
from core.personnel.service import change_officer
from core.use_cases.execution import execute
from core.workforce.schemas import SourceIn
from core.workforce.service import choose_scope
from tests.core.workforce.office import Office, line, people


async def test_an_empty_scope_is_nobody(office: Office) -> None:
    await execute(choose_scope, office.ctx(), SourceIn(scope="named", named=" \n , "))
    run = await office.preview(*people(3))
    assert run.run.counts == {"out_of_scope": 3, "rejected": 0}
    await office.move(run, "apply")
    assert await office.officers() == {}


async def test_whoever_is_out_of_scope_is_counted_and_never_stored(office: Office) -> None:
    await office.scope_is("10001")
    run = await office.preview(line("10001"), line("10002", "Secret", "Person"), line("", "Hidden", "Also", "admiral"))
    assert run.run.counts["out_of_scope"] == 1
    async with tenant_session(office.ctx(), read_only=True) as session:
        for table in ("hr_row", "hr_run", "officer", "audit_line"):
            rows = (await session.execute(text(f"select {table}::text from {table}"))).scalars()
            kept = " ".join(rows)
            for word in ("Secret", "Person", "10002", "Hidden", "admiral"):
                assert word not in kept, table


async def test_numbers_are_compared_without_regard_to_spaces(office: Office) -> None:
    await office.scope_is(" AB  12 ")
    assert (await office.preview(line("AB 12"))).run.counts["added"] == 1


async def test_nothing_is_changed_by_a_preview(office: Office) -> None:
    await office.preview(*people(3))
    assert await office.officers() == {}


async def test_a_run_is_applied_once(office: Office) -> None:
    run = await office.preview(*people(2))
    results = await asyncio.gather(*(office.move(run, "apply") for _ in range(2)), return_exceptions=True)
    failed = [one for one in results if isinstance(one, BaseException)]
    assert len(failed) == 1, results
    assert isinstance(failed[0], (Refused, Conflict))
    assert len(await office.officers()) == 2
    with pytest.raises(Refused, match="not possible"):
        await office.move(run, "apply")
    with pytest.raises(Refused, match="not possible"):
        await office.move(run, "drop")


async def test_a_stale_preview_saves_nothing_at_all(office: Office) -> None:
    first, second = await office.preview(*people(3)), await office.preview(line("00001"), *people(3))
    await office.move(first, "apply")
    with pytest.raises(Refused, match="changed since"):
        await office.move(second, "apply")
    assert "00001" not in await office.officers(), "the rows before the stale one are not kept either"


async def test_what_nobody_sends_is_left_as_it_is(office: Office) -> None:
    await office.load(line("10001", language="fr", status="retired"))
    heading = "Employee number,Given name,Family name,Rank"
    run = await office.preview("10001,Ana,Haddad,constable", heading=heading)
    assert run.rows[0].changes == {"given_name": ["Noor", "Ana"]}
    await office.move(run, "apply")
    officer = (await office.officers())["10001"]
    assert (officer.given_name, officer.language, officer.status) == ("Ana", "fr", "retired")


async def test_a_change_made_by_hand_since_the_preview_is_not_overwritten(office: Office) -> None:
    await office.load(line("10001"))
    run = await office.preview(line("10001", rank="sergeant", unit=""))
    officer = (await office.officers())["10001"]
    change = OfficerChange(
        id=str(officer.id), given_name="Noor", family_name="Haddad", rank_code="constable", unit="North"
    )
    await execute(change_officer, office.ctx(), change)
    await office.move(run, "apply")
    officer = (await office.officers())["10001"]
    assert (officer.rank_code, officer.unit) == ("sergeant", "North")


async def test_whoever_is_gone_from_the_file_is_missing_and_comes_back(office: Office) -> None:
    await office.load(*people(3))
    await office.load(*people(2))
    gone = (await office.officers())["10002"]
    assert gone.missing_since is not None
    assert gone.status == "active", "a question for a human, never a deletion"
    await office.load(*people(3))
    assert (await office.officers())["10002"].missing_since is None


async def test_a_row_that_may_be_anybodys_makes_nobody_missing(office: Office) -> None:
    await office.load(*people(3))
    run = await office.preview(*people(2), line("", "Noor"))
    assert run.run.counts.get("missing", 0) == 0
    too_long = await office.preview(*people(2), line("10002") + ",one,cell,too,many")
    assert too_long.run.counts.get("missing", 0) == 0


async def test_a_rejected_row_does_not_make_its_officer_missing(office: Office) -> None:
    await office.load(*people(3))
    run = await office.preview(*people(2), line("10002", rank="admiral"))
    assert run.run.counts.get("missing", 0) == 0


async def test_whoever_left_the_scope_is_not_missing_from_the_file(office: Office) -> None:
    await office.load(*people(3))
    await office.scope_is("10000", "10001")
    run = await office.preview(*people(3))
    assert run.run.counts == {"unchanged": 2, "out_of_scope": 1, "rejected": 0}


async def test_the_brake_stops_more_changes_than_usual_until_somebody_says_why(office: Office) -> None:
    await office.load(*people(60))
    run = await office.preview(*people(60, rank="sergeant"))
    assert run.run.state == "braked"
    with pytest.raises(Refused):
        await office.move(run, "apply")
    with pytest.raises(Invalid):
        await office.move(run, "allow")
    await office.move(run, "allow", "Everybody was promoted.")
    await office.move(run, "apply")
    assert {one.rank_code for one in (await office.officers()).values()} == {"sergeant"}


async def test_a_few_changes_do_not_brake(office: Office) -> None:
    await office.load(*people(60))
    run = await office.preview(*people(5, rank="sergeant"), *people(60)[5:])
    assert (run.run.state, run.run.counts["changed"]) == ("previewed", 5)


async def test_another_services_run_is_not_found(office: Office) -> None:
    run = await office.preview(*people(1))
    other = Office(office.platform, await office.platform.agency())
    with pytest.raises(ContingentError) as refused:
        await other.move(run, "apply")
    assert refused.value.status == 404


@pytest.mark.parametrize("step", ["apply", "drop"])
async def test_of_a_run_that_is_over_no_file_is_kept(office: Office, step: str) -> None:
    run = await office.preview(line("10001"), line("10002"))
    await office.move(run, step)
    async with tenant_session(office.ctx(), read_only=True) as session:
        for table in ("document", "document_chunk"):
            assert await session.scalar(text(f"select count(*) from {table}")) == 0, table
        told = select(AuditLine.before).where(AuditLine.action == "document.remove")
        assert [line["purpose"] for line in await session.scalars(told)] == ["hr_upload"]


async def test_a_file_that_nobody_decides_on_is_gone_after_two_weeks_and_its_run_can_still_be_applied(
    office: Office,
) -> None:
    run = await office.preview(line("10001"))
    for days, left in ((13, 1), (2, 0)):
        office.platform.clock.advance(timedelta(days=days))
        await dispose_of_old(office.ctx())
        async with tenant_session(office.ctx(), read_only=True) as session:
            assert await session.scalar(select(func.count()).select_from(Document)) == left
    await office.move(run, "apply")
    assert set(await office.officers()) == {"10001"}
