"""A chain that could leave somebody waiting for ever is refused, saying for whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from core.approvals.models import ChainProvider
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Invalid, Refused
from core.extensions.schemas import ConfigurePlugin, EnablePlugin, WithReason
from core.extensions.service import disable_plugin, enable_plugin
from core.extensions.settings import configure_plugin
from core.ids import new_id
from core.people import Person
from core.use_cases.execution import execute
from tests.core.extensions.conftest import Bench


@dataclass
class Staff:
    """Answers who holds a role from a list."""

    people: list[Person]

    async def holders(self, session: AsyncSession, role: str) -> list[Person]:
        return [one for one in self.people if role in one.roles]

    async def person(self, session: AsyncSession, seat_id: UUID) -> Person | None:
        return next((one for one in self.people if one.id == seat_id), None)


def person(name: str, *roles: str, officer: bool = False) -> Person:
    return Person(id=uuid4(), name=name, roles=frozenset(roles), officer_id=uuid4() if officer else None)


async def administrator(
    bench: Bench, *people: Person, outside: Person | None = None, nobody_allowed: bool = False
) -> Ctx:
    """Return the context of an administrator of a service with these people, whose chain is the plugin's."""
    ctx = replace(bench.ctx(await bench.agency("chain")), people=Staff(list(people)))  # type: ignore[arg-type]
    async with tenant_session(ctx) as session:
        now = ctx.clock.now()
        for kind in ("nomination", "agreement"):
            key: dict[str, Any] = {"tenant_id": ctx.scope.id, "id": new_id(ctx.clock), "created_at": now}
            key |= {"outside_seat": outside.id if outside else None, "nobody_allowed": nobody_allowed}
            session.add(ChainProvider(kind=kind, plugin="chain", **key))
    return replace(bench.host.bind(ctx), people=ctx.people)


async def save(ctx: Ctx, *steps: dict[str, Any], **more: Any) -> None:
    await execute(configure_plugin, ctx, ConfigurePlugin("chain", {"steps": list(steps), **more}))


async def faults(ctx: Ctx, *steps: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        await save(ctx, *steps)
    return [(fault.pointer, str(fault.text)) for fault in caught.value.faults]


CHIEF = {"key": "chief", "role": "approver"}
BOSS = {"key": "boss", "role": "supervisor"}
ANN, BO = person("Ann", "approver"), person("Bo", "approver", "supervisor")


async def test_a_chain_that_can_be_decided_is_saved(bench: Bench) -> None:
    ctx = await administrator(bench, ANN, BO)
    await save(ctx, BOSS, CHIEF)
    await save(ctx, CHIEF | {"count": 2})


async def test_a_step_that_nobody_can_decide_is_named_at_its_field(bench: Bench) -> None:
    ctx = await administrator(bench, ANN)
    assert await faults(ctx, CHIEF, BOSS) == [
        ("/settings/steps/1/role", "Nobody holds the role “Supervisor of the officer” that decides “boss”.")
    ]


async def test_more_deciders_than_there_are_is_refused(bench: Bench) -> None:
    ctx = await administrator(bench, ANN, BO)
    ((pointer, words),) = await faults(ctx, CHIEF | {"count": 3})
    assert pointer == "/settings/steps/0/role"
    assert "needs 3 persons" in words
    assert "only 2" in words


async def test_who_decided_before_does_not_count_again(bench: Bench) -> None:
    ctx = await administrator(bench, ANN, BO)
    ((pointer, words),) = await faults(ctx, BOSS, CHIEF | {"count": 2})
    assert pointer == "/settings/steps/1/role"
    assert "only 1" in words


async def test_the_officer_whose_own_file_nobody_could_decide_is_named(bench: Bench) -> None:
    chief = person("Maëlle Fafard", "approver", officer=True)
    ((_, words),) = await faults(await administrator(bench, chief), CHIEF)
    assert words == "“chief” could never be decided for Maëlle Fafard: nobody else is left."
    outside = person("Noor Haddad")
    await save(await administrator(bench, chief, outside, outside=outside), CHIEF)


async def test_no_chain_at_all_is_refused_but_nobody_for_a_reason_is_not(bench: Bench) -> None:
    ctx = await administrator(bench, ANN)
    assert await faults(ctx) == [
        ("/settings", "With these settings there is no chain: every case would wait for ever.")
    ]
    with pytest.raises(Invalid) as refused:
        await save(ctx, nobody=True)
    assert ["does not allow that answer" in str(fault.text) for fault in refused.value.faults] == [True]
    await save(await administrator(bench, ANN, nobody_allowed=True), nobody=True)


async def test_a_chain_that_is_off_is_not_asked_and_looked_at_when_it_is_switched_on(bench: Bench) -> None:
    ctx = await administrator(bench, ANN)
    await execute(disable_plugin, ctx, WithReason("chain"))
    await save(ctx, BOSS)
    with pytest.raises(Refused, match="Nobody holds the role"):
        await execute(enable_plugin, ctx, EnablePlugin("chain"))
    await save(ctx, CHIEF)
    await execute(enable_plugin, ctx, EnablePlugin("chain"))


async def test_a_plugin_that_no_case_asks_may_be_set_to_anything(bench: Bench) -> None:
    ctx = replace(bench.ctx(await bench.agency("chain")), people=Staff([]))  # type: ignore[arg-type]
    await save(ctx, BOSS)
