"""A name is taken by what an agency may know of, and by nothing else: trying names tells nothing of what there is."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from core.bundles.service import list_own_plugins
from core.database.sessions import tenant_session
from core.errors import NotFound
from core.extensions.allowing import get_allowance
from core.extensions.schemas import ByName
from core.extensions.service import get_plugin, list_installed, list_plugins
from core.hooks.models import PluginAllowance
from core.hooks.stops import raise_generations
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.core.bundles.conftest import Yard, bundled, code_of, imported, refuses

pytestmark = pytest.mark.sandbox


async def offer(yard: Yard, *, there: bool) -> None:
    """Let the plugin that is installed be there for the agency, or not."""
    operator = yard.platform.ctx(yard.platform.operator)
    async with tenant_session(operator) as session:
        work = Work(operator, session, operator.today, operator.clock.now())
        of_it = (PluginAllowance.scope_id == yard.scope.id) & PluginAllowance.ended_at.is_(None)
        await session.execute(update(PluginAllowance).where(of_it).values(ended_at=work.now))
        said = {"reason": "A contract of another service", "by_name": "Operator", "began_at": work.now}
        session.add(
            PluginAllowance(id=work.new_id(), scope_id=yard.scope.id, plugin="own_chain", allowed=there, **said)
        )
        await raise_generations(work, yard.scope.id)


async def test_what_is_not_there_for_an_agency_takes_no_name_and_is_in_no_answer(yard: Yard) -> None:
    for host in (yard.web, yard.worker):
        host.registry.register(imported(code_of("7.7")))
    await offer(yard, there=False)
    with pytest.raises(NotFound):
        await execute(get_plugin, yard.ctx(), ByName("own_chain"))
    with refuses("which is not known here|damaged"):
        await yard.bring(bundled()[:-9])
    await yard.run(bundled("1.0"))
    assert [await yard.answer(), await yard.answer(yard.worker)] == ["Delegated 1.0"] * 2
    (shown,) = (await execute(list_plugins, yard.ctx(), Nothing())).plugins
    assert (shown.plugin_version, shown.source) == ("1.0", "own")
    assert [one.state for one in (await execute(list_own_plugins, yard.ctx(), Nothing())).bundles] == ["chosen"]


async def test_the_operator_counts_no_use_of_the_one_as_a_use_of_the_other(yard: Yard) -> None:
    yard.web.registry.register(imported(code_of("7.7")))
    await offer(yard, there=False)
    operator = yard.web.bind(yard.platform.ctx(yard.platform.operator, "plugin.read"))
    before = await execute(get_allowance, operator, ByName("own_chain"))
    await yard.run(bundled("1.0"))
    found = await execute(list_installed, operator, Nothing())
    (installed,) = [one for one in found.plugins if one.name == "own_chain"]
    assert (installed.plugin_version, installed.uses.enabled) == ("7.7", before.enabled)
    assert [one.plugin_version for one in found.own if one.service["en"] == yard.scope.name_en] == ["1.0"]
    assert await execute(get_allowance, operator, ByName("own_chain")) == before


async def test_once_it_is_there_for_the_agency_neither_has_the_name(yard: Yard) -> None:
    yard.web.registry.register(imported(code_of("7.7")))
    await offer(yard, there=False)
    await yard.run(bundled("1.0"))
    await offer(yard, there=True)
    assert await yard.answer() == "broken"
    with refuses("came with the platform is called own_chain"):
        await yard.bring(bundled("1.1"))
    await offer(yard, there=False)
    assert await yard.answer() == "Delegated 1.0"
