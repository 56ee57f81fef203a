"""A process of its own that has a service's plugins: it does what stands on a line, and says what came of it.

``ask``: the causes for which the chain of approvals was not given, or the key of its first step; ``enable PLUGIN``,
``disable PLUGIN`` and ``step KEY``: what an administrator does. ``errand``: a task of the plugin ``ERRAND`` is put into
the outbox, and what a worker makes of it is said; ``word WORD``: its setting; ``version``: which one is installed here.
"""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

from contingent.assembly import assembled
from core.clock import SystemClock
from core.context import Actor, Ctx
from core.database.sessions import tenant_session
from core.extensions.consenting import with_consent
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.models import Delivery, PluginTask
from core.extensions.scheduling import TASK
from core.extensions.schemas import ConfigurePlugin, WithReason
from core.extensions.service import disable_plugin, enable_plugin
from core.extensions.settings import configure_plugin
from core.extensions.telling import put
from core.hooks.specs import approval_chain, run_task
from core.hooks.types import Subject
from core.ids import new_id
from core.settings import read_settings
from core.use_cases.execution import execute
from core.use_cases.work import Work

PLUGIN = "approval_chain"
ERRAND = "own_errand"
AGAIN = 0.05
"""Seconds from one look for what a worker has done to the next."""
ADMINISTRATOR = Actor(
    id=UUID(int=7), name="Dominique Cyr", permissions=frozenset({PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE})
)


async def answer(ctx: Ctx, word: str, more: list[str]) -> str:
    """Do what the line says and return what came of it."""
    plugin = more[0] if more else PLUGIN
    if word == "ask":
        return await ask(ctx)
    if word == "errand":
        return await send_on_errand(ctx)
    if word == "version":
        found = ctx.hooks.registry.plugins.get(ERRAND)
        return found.manifest.version if found else "missing"
    if word == "enable":
        await execute(enable_plugin, ctx, with_consent(ctx, plugin))
    elif word == "disable":
        await execute(disable_plugin, ctx, WithReason(plugin))
    elif word == "step":
        step = {"key": more[0], "title_en": "Chief", "title_fr": "Chefferie"}
        await execute(configure_plugin, ctx, ConfigurePlugin(PLUGIN, {"steps": [step]}))
    else:
        await execute(configure_plugin, ctx, ConfigurePlugin(ERRAND, {word: more[0]}))
    return "done"


async def ask(ctx: Ctx) -> str:
    """Ask for a chain of approvals in this process."""
    subject = Subject(kind="agreement", id=new_id(ctx.clock))
    given = await ctx.hooks.one(PLUGIN, approval_chain, subject=subject)
    keys = [step.key for chain in given.results if isinstance(chain, list) for step in chain]
    return ",".join([*(one.cause for one in given.failures), *keys])


async def send_on_errand(ctx: Ctx) -> str:
    """Have a worker, wherever it is, run a task of the plugin; return the reason that it gave, or why there is none."""
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        made = {"tenant_id": ctx.scope.id, "id": work.new_id(), "plugin": ERRAND, "key": str(work.new_id())}
        task = PluginTask(**made, title_en="An errand", title_fr="Une course", seen_at=work.now)
        session.add(task)
        await session.flush()
        id = await put(work, ERRAND, run_task.__name__, TASK, (TASK, task.id), event_id=work.new_id())
    while True:
        async with tenant_session(ctx) as session:
            row = await session.get_one(Delivery, (ctx.scope.id, id))
            if row.state != "waiting" or row.cause is not None:
                await session.delete(row)  # it is not tried again: each question is a new one
                return row.reason["en"] if row.reason else row.cause or row.state
        await asyncio.sleep(AGAIN)  # on purpose: another process answers, and says so in the database alone


async def main(slug: str) -> None:
    """Open the parts of one process, as a web process and a worker do, and do line by line what is asked."""
    async with assembled(read_settings()) as assembly:
        scope = await assembly.database.scope(slug)
        assert scope is not None
        assembly.load_rooms()
        say("ready")
        while line := await asyncio.to_thread(sys.stdin.readline):
            ctx = Ctx(scope, ADMINISTRATOR, SystemClock(), database=assembly.database, people=assembly.parts.people)
            word, *more = line.split()
            say(await answer(assembly.host.bind(ctx), word, more))


def say(words: str) -> None:
    """Write a line to whoever started the process."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
