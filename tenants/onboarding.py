"""What a service that is joining has still to do: five short tasks, each with the minutes it takes.

``TASKS`` is open to the layers above: sign-in adds its own task in front.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from sqlalchemy import select

from core.approvals.models import ChainProvider
from core.extensions.lifecycle import PLUGIN_READ
from core.hooks.models import PluginEnablement
from core.personnel.lifecycle import OFFICER_WRITE
from core.personnel.models import Officer
from core.text import Text, t
from core.use_cases.declaration import Nothing, use_case
from core.use_cases.work import Work
from tenants.answers import held_on
from tenants.gates import find_gaps
from tenants.lifecycle import AGENCY_READ

PLAN_PLUGIN = "reintegration_plan"
SEAT_READ = "seat.read"
"""What opens the page of people: it is declared with sign-in, in a layer above."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One task: whether it is done, about how many ``minutes`` it takes, and where.

    ``href`` is a path below the scope; None where the reader may not go there, and ``who`` may.
    """

    key: str
    title: Text
    note: Text
    minutes: int
    done: bool
    href: str | None
    label: Text
    who: Text | None = None


class TaskList(msgspec.Struct, frozen=True):
    """The tasks in order, and about how many minutes those take that are not done."""

    tasks: list[Task]
    minutes_left: int


TASKS: list[Callable[[Work], Awaitable[Task]]] = []
"""Each looks whether its task is done, in the agency's open transaction."""


@use_case(permission=AGENCY_READ, input=Nothing, output=TaskList, reads=True)
async def get_onboarding(work: Work, data: Nothing) -> TaskList:
    """Show what remains to be done before the service can take part."""
    tasks = [await look(work) for look in TASKS]
    return TaskList(tasks, sum(task.minutes for task in tasks if not task.done))


async def _who_decides(work: Work) -> Task:
    chained = await work.session.scalar(
        select(ChainProvider.plugin).where(
            ChainProvider.tenant_id == work.ctx.scope.id, ChainProvider.kind == "nomination"
        )
    )
    deciders = await work.ctx.people.holders(work.session, "approver")
    return Task(
        key="who_decides",
        title=t("Say who decides"),
        note=t("The chain of approval is set, and at least one person holds the role of approver."),
        minutes=15,
        done=chained is not None and bool(deciders),
        href="/people" if work.ctx.actor.may(SEAT_READ) else None,
        label=t("People and roles"),
        who=t("an administrator of your service"),
    )


async def _agreement(work: Work) -> Task:
    gaps = [gap for gap in find_gaps(await held_on(work.session, work.on), work.on) if gap.key != "state"]
    return Task(
        key="agreement",
        title=t("Record the agreement and its last day"),
        note=t("With the sharing contract and whatever else your privacy law needs."),
        minutes=20,
        done=not gaps,
        href="/agreements",
        label=t("Agreement, sharing, privacy"),
    )


async def _one_officer(work: Work) -> Task:
    officer = select(Officer.id).where(Officer.tenant_id == work.ctx.scope.id).limit(1)
    return Task(
        key="one_officer",
        title=t("Add one officer"),
        note=t("By hand in two minutes, or from a file of your HR system."),
        minutes=2,
        done=await work.session.scalar(officer) is not None,
        href="/officers/new" if work.ctx.actor.may(OFFICER_WRITE) else None,
        label=t("Add an officer"),
        who=t("an HR clerk or the peace operations coordinator"),
    )


async def _return_plan(work: Work) -> Task:
    state = await work.session.scalar(
        select(PluginEnablement.state).where(
            PluginEnablement.tenant_id == work.ctx.scope.id, PluginEnablement.plugin == PLAN_PLUGIN
        )
    )
    return Task(
        key="return_plan",
        title=t("Look at the return plan"),
        note=t("What happens after each tour, by whom and by when; the built-in plan is a good start."),
        minutes=5,
        done=state == "enabled",
        href=f"/plugins/{PLAN_PLUGIN}" if work.ctx.actor.may(PLUGIN_READ) else None,
        label=t("Return plan"),
        who=t("an administrator of your service"),
    )


TASKS += [_who_decides, _agreement, _one_officer, _return_plan]
