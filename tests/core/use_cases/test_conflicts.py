"""Whoever may not act on a case is refused before a hook is asked: what a plugin has done is not taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.context import Actor, Ctx
from core.errors import Refused
from core.text import t
from core.use_cases.conflicts import named
from core.use_cases.declaration import DECLARED, ById, Nothing, use_case
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.core.approvals.bench import Folk
from tests.platform import Platform

ACT = "tested.act"
asked: list[str] = []
"""On which cases a plugin has acted."""


async def have_it_done(ctx: Ctx, data: ById) -> None:
    asked.append(data.id)


@use_case(permission=ACT, input=ById, output=Nothing, scopes={"program"}, cases=named, before=have_it_done)
async def act_on_case(work: Work, data: ById) -> Nothing:
    """Have a plugin act on a case."""
    await work.audit("tour.act", ("tour", UUID(data.id)))
    return Nothing()


@use_case(permission=ACT, input=ById, output=Nothing, before=have_it_done, in_person=t("Do it on the person’s page."))
async def act_as_person(work: Work, data: ById) -> Nothing:
    """Have a plugin act in the name of a person."""
    await work.audit("tour.act", ("tour", UUID(data.id)))
    return Nothing()


for made in (act_on_case, act_as_person):
    del DECLARED[made.key]  # nobody's use cases: the matrix of permissions must not find them


class Touching(Folk):
    """People of whom everybody has touched the one case."""

    def __init__(self, case: str) -> None:
        super().__init__()
        self.case = UUID(case)

    async def touched(self, session: Any, cases: Collection[UUID]) -> frozenset[UUID]:
        return frozenset(cases) & {self.case}


async def test_no_plugin_acts_for_somebody_who_touched_the_case_for_an_agency(platform: Platform) -> None:
    own, other = str(uuid4()), str(uuid4())
    ctx = replace(platform.ctx(platform.program, ACT), people=Touching(own))
    with pytest.raises(Refused, match="you do not act on it for IPOB"):
        await execute(act_on_case, ctx, ById(own))
    assert own not in asked
    await execute(act_on_case, ctx, ById(other))
    assert other in asked


async def test_no_plugin_acts_for_a_program_where_a_person_has_to(platform: Platform) -> None:
    ctx, subject = platform.ctx(await platform.agency(), ACT), str(uuid4())
    program = Actor(uuid4(), "Payroll", "token", permissions=frozenset({ACT}))
    with pytest.raises(Refused, match="A person does this"):
        await execute(act_as_person, replace(ctx, actor=program), ById(subject))
    assert subject not in asked
    await execute(act_as_person, ctx, ById(subject))
    assert subject in asked
