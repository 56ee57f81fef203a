"""What crosses to IPOB: the fields of the sharing contract, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.agencies import CONTRACT_FIELDS, Contract, Rank
from core.nominations.models import PersonKey, ReleasedPerson
from core.nominations.schemas import Preview
from core.personnel.models import Officer, Qualification
from core.use_cases.work import Work

PERSON_RELEASED = "person_released"
"""The event: what crosses of somebody is there, or is another now."""


async def person_key(work: Work, officer_id: UUID) -> UUID:
    """Return the key under which the officer is known outside the agency, made on first use."""
    found: UUID | None = await work.session.scalar(select(PersonKey.id).where(PersonKey.officer_id == officer_id))
    if found:
        return found
    made = PersonKey(tenant_id=work.ctx.scope.id, id=work.new_id(), officer_id=officer_id)
    work.session.add(made)
    await work.session.flush()
    return made.id


async def preview(work: Work, officer: Officer) -> Preview:
    """Return what IPOB would see of ``officer``, under the contract in force today: it crosses today."""
    contract = await work.ctx.agencies.contract(work.session, work.ctx.today)
    everything = await _everything(work, officer, contract)
    values = {name: everything[name] if name in contract.fields else None for name in CONTRACT_FIELDS}
    return Preview(contract_version=contract.version, fields=dict(contract.fields), values=values)


async def release_person(work: Work, officer: Officer) -> ReleasedPerson:
    """Write or refresh the released person of ``officer`` under the contract in force."""
    shown = await preview(work, officer)
    key = await person_key(work, officer.id)
    rank = shown.values["rank"] or {}
    values: dict[str, Any] = {name: shown.values[name] for name in CONTRACT_FIELDS if name != "rank"}
    values |= {"rank_en": rank.get("en"), "rank_fr": rank.get("fr")}
    values |= {"submitted_at": work.now, "contract_version": shown.contract_version}
    person = await work.session.get(ReleasedPerson, (work.ctx.scope.id, key))
    if person is None:
        person = ReleasedPerson(tenant_id=work.ctx.scope.id, id=key, created_at=work.now, **values)
        work.session.add(person)
    for name, value in values.items():
        setattr(person, name, value)
    await work.session.flush()
    await work.emit(PERSON_RELEASED, ("released_person", person.id))
    return person


async def withdraw_unshared(work: Work) -> int:
    """Empty, of everybody released so far, what the contract in force shares no more; return how many that were.

    What a newer contract shares besides does not cross by itself: it crosses with the next release.
    """
    contract = await work.ctx.agencies.contract(work.session, work.ctx.today)
    if contract.version == 0:
        return 0  # none was ever agreed: absence is no decision
    closed = [name for name in CONTRACT_FIELDS if name not in contract.fields]
    columns = [column for name in closed for column in (("rank_en", "rank_fr") if name == "rank" else (name,))]
    others = select(ReleasedPerson).where(ReleasedPerson.contract_version != contract.version)
    ranks = await work.ctx.agencies.ranks(work.session)
    emptied = 0
    for person in (await work.session.scalars(others)).all():
        told = [column for column in columns if getattr(person, column) is not None]
        for column in told:
            setattr(person, column, None)
        if "gender" in told and person.rank_fr is not None:
            person.rank_fr = _of_either_gender(person, ranks.values())
        person.contract_version = contract.version
        await work.session.flush()
        if told:
            emptied += 1
            after = {"fields": told, "contract_version": contract.version}
            await work.audit("released_person.remove", ("released_person", person.id), after=after)
            await work.emit(PERSON_RELEASED, ("released_person", person.id))
    return emptied


def _of_either_gender(person: ReleasedPerson, ranks: Iterable[Rank]) -> str:
    """Return the French rank of somebody whose gender is shared no more, in both forms."""
    shown = (person.rank_en, person.rank_fr)
    for rank in ranks:
        if shown in {(rank.title_en, rank.title_fr_masculine), (rank.title_en, rank.title_fr_feminine)}:
            return rank.title("fr", None)
    return str(person.rank_fr)


async def _everything(work: Work, officer: Officer, contract: Contract) -> dict[str, Any]:
    # A French rank tells the gender, so it tells it only where the gender itself is shared.
    gender = officer.gender if "gender" in contract.fields else None
    ranks = await work.ctx.agencies.ranks(work.session)
    rank = ranks.get(officer.rank_code)
    query = select(Qualification).where(Qualification.officer_id == officer.id).order_by(Qualification.kind)
    qualifications = (await work.session.execute(query)).scalars()
    return {
        "given_name": officer.preferred_name or officer.given_name,
        "family_name": officer.family_name,
        "rank": {"en": rank.title("en", gender), "fr": rank.title("fr", gender)} if rank else None,
        "band": rank.band if rank else None,
        "gender": officer.gender,
        "language": officer.language,
        "affiliation": officer.affiliation,
        "telephone": officer.mission_telephone,
        "qualifications": [
            {"kind": one.kind, "level": one.level, "expires_on": one.expires_on.isoformat() if one.expires_on else None}
            for one in qualifications
        ],
    }
