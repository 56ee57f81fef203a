"""A process of its own that has a service's plugins: it does what stands on a line, and says what came of it.

``ask``: the causes for which the chain of approvals was not given, or the key of its first step; ``enable``,
``disable`` and ``step KEY``: what an administrator does.
"""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

from contingent.assembly import assembled
from core.clock import SystemClock
from core.context import Actor, Ctx
from core.extensions.consenting import with_consent
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.schemas import ConfigurePlugin, WithReason
from core.extensions.service import disable_plugin, enable_plugin
from core.extensions.settings import configure_plugin
from core.hooks.specs import approval_chain
from core.hooks.types import Subject
from core.ids import new_id
from core.settings import read_settings
from core.use_cases.execution import execute

PLUGIN = "approval_chain"
ADMINISTRATOR = Actor(
    id=UUID(int=7), name="Dominique Cyr", permissions=frozenset({PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE})
)


async def answer(ctx: Ctx, word: str, more: list[str]) -> str:
    """Do what the line says and return what came of it."""
    if word == "enable":
        await execute(enable_plugin, ctx, with_consent(ctx, PLUGIN))
    elif word == "disable":
        await execute(disable_plugin, ctx, WithReason(PLUGIN))
    elif word == "step":
        step = {"key": more[0], "title_en": "Chief", "title_fr": "Chefferie"}
        await execute(configure_plugin, ctx, ConfigurePlugin(PLUGIN, {"steps": [step]}))
    else:
        subject = Subject(kind="agreement", id=new_id(ctx.clock))
        given = await ctx.hooks.one(PLUGIN, approval_chain, subject=subject)
        keys = [step.key for chain in given.results if isinstance(chain, list) for step in chain]
        return ",".join([*(one.cause for one in given.failures), *keys])
    return "done"


async def main(slug: str) -> None:
    """Open the parts of one process, as a web process and a worker do, and do line by line what is asked."""
    async with assembled(read_settings()) as assembly:
        scope = await assembly.database.scope(slug)
        assert scope is not None
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
