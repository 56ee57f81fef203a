"""A contract that shares less reaches what had crossed before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.agencies import CONTRACT_FIELDS
from core.audit.models import AuditLine
from core.database.sessions import tenant_session
from core.events.worker import drain
from core.nominations.candidacies import open_candidacy
from core.nominations.candidacy_schemas import OfCandidacy
from core.nominations.release import preview
from core.personnel.models import Officer
from core.use_cases.work import Work
from tenants.contracts import accept_contract, propose_contract
from tenants.schemas import AcceptIn, ContractIn
from tests.way import AGENCY, World


async def agree(world: World, fields: Sequence[Any]) -> None:
    """Let a new version come into force, and be followed."""
    privacy, planner = await world.ctx("privacy"), await world.ipob("planner")
    proposed = await world.cast.run(privacy, propose_contract, ContractIn(since=privacy.today, fields=list(fields)))
    accepted = AcceptIn(id=str(privacy.scope.id), number=proposed.number)
    await world.cast.run(planner, accept_contract, accepted)
    assembly = world.cast.assembly
    await drain(assembly.database, assembly.context, assembly.clock, only=[privacy.scope.id])


async def somebody_with_a_gendered_rank(world: World) -> UUID:
    """Return an officer whose French rank has two forms, and who is the next to be put forward."""
    coordinator = await world.ctx("coordinator")
    async with tenant_session(coordinator) as session:
        ranks = await coordinator.agencies.ranks(session)
        two = [code for code, rank in ranks.items() if rank.title_fr_masculine != rank.title_fr_feminine]
        able = select(Officer).where(Officer.id.in_(world.officers), Officer.rank_code.in_(two))
        officer = (await session.scalars(able.limit(1))).one()
        officer.gender = "woman"
        found = officer.id
    world.officers.remove(found)
    world.officers.append(found)
    return found


async def test_what_is_shared_no_more_is_gone_where_it_had_crossed(world: World) -> None:
    await somebody_with_a_gendered_rank(world)
    nomination = (await world.at("nominated")).nomination
    of, selection = OfCandidacy(agency=AGENCY, id=str(nomination)), await world.ipob("selection")
    before = await world.cast.run(selection, open_candidacy, of)
    assert before.summary.name
    assert before.summary.rank_en
    assert " / " not in str(before.summary.rank_fr), "with the gender, one form"
    try:
        await agree(world, ["rank", "band"])
        after = await world.cast.run(selection, open_candidacy, of)
        assert (after.summary.rank_en, after.summary.band) == (before.summary.rank_en, before.summary.band)
        assert " / " in str(after.summary.rank_fr), "one form would tell the gender"
        assert after.contract_version == before.contract_version + 1
        hidden = (after.summary.name, after.summary.language, after.gender, after.affiliation, after.telephone)
        assert hidden == (None,) * 5
        assert after.qualifications == []
        auditor = await world.ctx("auditor")
        async with tenant_session(auditor, read_only=True) as session:
            told = (
                await session.scalars(select(AuditLine.after).where(AuditLine.action == "released_person.remove"))
            ).all()
        assert any("family_name" in line["fields"] for line in told)
    finally:
        await agree(world, CONTRACT_FIELDS)
    wider = await world.cast.run(selection, open_candidacy, of)
    assert wider.summary.name is None, "it crosses again when somebody sends it again, and not by itself"


async def test_a_rank_tells_no_gender_that_is_not_shared(world: World) -> None:
    officer_id, coordinator = await somebody_with_a_gendered_rank(world), await world.ctx("coordinator")

    async def ranks_of() -> set[str]:
        found = set()
        async with tenant_session(coordinator, read_only=True) as session:
            work = Work(coordinator, session, coordinator.today, coordinator.clock.now())
            officer = await session.get_one(Officer, (coordinator.scope.id, officer_id))
            for officer.gender in ("woman", "man", "another", None):
                with session.no_autoflush:
                    found.add(str((await preview(work, officer)).values["rank"]))
            session.expire(officer)
        return found

    assert len(await ranks_of()) == 3
    try:
        await agree(world, ["family_name", "rank"])
        assert len(await ranks_of()) == 1
    finally:
        await agree(world, CONTRACT_FIELDS)
