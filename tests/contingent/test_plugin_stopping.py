"""``contingent plugin stop`` and ``resume``: in the operator's name, on the database alone."""

from __future__ import annotations

import asyncio

from click.testing import CliRunner, Result
from sqlalchemy import select

from contingent.__main__ import main
from core.audit.models import AuditLine
from core.context import Scope
from core.database.roles import APPLICATION, password_variable
from core.database.sessions import tenant_session
from core.database.target import Target
from core.hooks.plans import Stops
from core.hooks.stops import stops_of
from tests.platform import Platform


async def run(platform: Platform, target: Target, *words: str) -> Result:
    """Run a command on the worker's database, in a loop of its own, as a terminal would."""
    passwords = {password_variable(role): target.passwords[role] for role in APPLICATION}
    address = f"postgresql://{target.host}:{target.port}/{target.database}"
    environment = {"DATABASE_URL": address, "PORT": "8000", "CONTINGENT_DEMO": "1"} | passwords
    environment["CONTINGENT_VAR"] = str(platform.database.settings.data_folder)
    return await asyncio.to_thread(
        CliRunner().invoke, main, ["plugin", *words, "--reason", "It leaks."], env=environment
    )


async def held(platform: Platform, scope: Scope) -> Stops:
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        return await stops_of(session, scope)


async def test_a_plugin_and_safe_mode_are_begun_and_ended_for_one_service(platform: Platform, target: Target) -> None:
    scope, other = await platform.agency(), await platform.agency()
    here = ("--tenant", scope.slug)
    for words, stops in (
        (("stop", "--plugin", "hr_file", *here), Stops(plugins=frozenset({"hr_file"}))),
        (("stop", *here), Stops(safe=True, plugins=frozenset({"hr_file"}))),
        (("resume", "--plugin", "hr_file", *here), Stops(safe=True)),
        (("resume", *here), Stops()),
    ):
        ran = await run(platform, target, *words)
        assert ran.exit_code == 0, ran.output
        assert await held(platform, scope) == stops
        assert await held(platform, other) == Stops()
    async with tenant_session(platform.ctx(platform.operator), read_only=True) as session:
        lines = await session.scalars(
            select(AuditLine.after["slug"].astext).where(AuditLine.action == "plugin_stop.enforce")
        )
        assert list(lines).count(scope.slug) == 2


async def test_what_is_not_there_or_is_so_already_is_said(platform: Platform, target: Target) -> None:
    scope = await platform.agency()
    here = ("--tenant", scope.slug)
    assert "There are: " in (await run(platform, target, "stop", "--plugin", "nothing", *here)).output
    assert "no service called nowhere" in (await run(platform, target, "stop", "--tenant", "nowhere")).output
    assert "has not stopped every plugin" in (await run(platform, target, "resume", *here)).output
    assert (await run(platform, target, "stop", *here)).exit_code == 0
    again = await run(platform, target, "stop", *here)
    assert again.exit_code == 1
    assert "already" in again.output
