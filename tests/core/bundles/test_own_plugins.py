"""A developer brings a plugin, a different person lets it run: in a sandbox, everywhere, for one service alone."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, update

from core.bundles.keys import revoke_plugin_key
from core.bundles.making import make_plugin
from core.bundles.models import PluginBundle
from core.bundles.schemas import RevokeKey
from core.bundles.service import choose_bundle, get_bundle, list_own_plugins, withdraw_bundle
from core.database.sealing import seal
from core.database.sessions import tenant_session
from core.errors import Invalid, NotFound, Refused
from core.extensions.removing import erase_plugin_data, export_plugin_data
from core.extensions.schemas import ByName, ConfigurePlugin, ConsentToPlugin, ErasePlugin, StopPlugin, WithReason
from core.extensions.service import consent_to_plugin, disable_plugin, get_plugin, list_installed, list_plugins
from core.extensions.settings import configure_plugin
from core.extensions.stopping import stop_plugin
from core.hooks.bundles import read_bundle
from core.hooks.models import BundleStanding
from core.hooks.registry import NOTHING_HELD, Held
from core.hooks.signing import fingerprint
from core.use_cases.declaration import ById, Nothing, UseCase
from core.use_cases.execution import execute
from tests.core.bundles.conftest import KEY, Yard, bundled, code_of, refuses

pytestmark = pytest.mark.sandbox


async def test_it_runs_in_every_process_once_a_different_person_chose_it_and_consented(yard: Yard) -> None:
    assert await yard.answer(yard.worker) == "missing"
    brought = await yard.bring(bundled())
    assert brought.bundle.state == "waiting"
    assert await yard.answer() == "missing"
    assert (await yard.choose(brought)).bundle.state == "chosen"
    assert await yard.answer(yard.worker) == "disabled"
    await yard.enable()
    assert [await yard.answer(), await yard.answer(yard.worker)] == ["Delegated 1.0"] * 2


async def test_none_of_its_code_is_run_outside_the_sandbox(yard: Yard) -> None:
    body = 'import os; return NoApproval(reason={"en": str(os.getpid()), "fr": "oui"})'
    await yard.run(bundled(body=body))
    assert (await yard.answer()).isdigit()
    assert await yard.answer() not in (str(os.getpid()), str(os.getppid()))
    registry = yard.ctx().hooks.registry
    assert registry.plugins["own_chain"].module is None
    assert registry.plugins["own_chain"].manifest.tier == 2


async def test_whoever_brought_it_neither_chooses_it_nor_consents(yard: Yard) -> None:
    brought = await yard.bring(bundled(), who="dominique")
    with pytest.raises(Refused, match="a different person lets it run"):
        await yard.choose(brought)
    await yard.choose(brought, who="alix")
    with pytest.raises(Refused, match="a different person lets it run"):
        await yard.enable()
    await yard.enable(who="alix")
    assert await yard.answer() == "Delegated 1.0"
    await yard.choose(await yard.bring(bundled("1.1", "hosts=('api.example.org',), capabilities=frozenset({'http'})")))
    assert await yard.answer() == "unconsented"


async def test_no_program_chooses_or_consents(yard: Yard) -> None:
    brought = await yard.bring(bundled())
    ctx = yard.ctx("alix")
    program = yard.web.bind(ctx.acting_as(msgspec.structs.replace(ctx.actor, kind="token")))
    with pytest.raises(Refused, match="A person does this"):
        await execute(choose_bundle, program, ById(str(brought.bundle.id)))
    assert await yard.answer() == "missing"


async def test_two_versions_stand_side_by_side_and_the_older_one_can_be_chosen_again(yard: Yard) -> None:
    first = await yard.run(bundled("1.0"))
    second = await yard.bring(bundled("1.1"))
    assert await yard.answer() == "Delegated 1.0"
    await yard.choose(second, who="alix")
    assert [await yard.answer(), await yard.answer(yard.worker)] == ["Delegated 1.1"] * 2
    await yard.choose(first)
    assert [await yard.answer(), await yard.answer(yard.worker)] == ["Delegated 1.0"] * 2
    found = await execute(list_own_plugins, yard.ctx(), Nothing())
    assert {(one.plugin_version, one.state) for one in found.bundles} == {("1.0", "chosen"), ("1.1", "former")}
    with refuses(r"Version 1\.1 of it is here already"):
        await yard.bring(bundled("1.1", body="'another'"))


async def test_a_version_that_asks_for_more_waits_for_consent(yard: Yard) -> None:
    await yard.run(bundled("1.0"))
    more = await yard.bring(bundled("2.0", "capabilities=frozenset({'notifications'})"))
    assert more.asks_beyond.capabilities == ["notifications"]
    await yard.choose(more)
    assert await yard.answer() == "unconsented"
    await execute(consent_to_plugin, yard.ctx(), ConsentToPlugin("own_chain", more.asks))
    assert await yard.answer() == "Delegated 2.0"


async def test_a_key_that_is_revoked_stops_all_that_was_signed_with_it(yard: Yard) -> None:
    brought = await yard.run(bundled())
    waiting = await yard.bring(bundled("1.1"))
    (key,) = (await execute(list_own_plugins, yard.ctx(), Nothing())).keys
    assert key.plugins == ["own_chain"]
    assert await yard.answer(yard.worker) == "Delegated 1.0"
    await execute(revoke_plugin_key, yard.ctx(), RevokeKey(str(key.id), "Lost on a train"))
    assert [await yard.answer(), await yard.answer(yard.worker)] == ["broken"] * 2
    with pytest.raises(Refused, match="is revoked"):
        await yard.choose(waiting)
    with refuses("which is not known here"):
        await yard.bring(bundled("1.2"))
    with refuses("was revoked here"):
        await yard.trust()
    assert not (await execute(get_bundle, yard.ctx(), ById(str(brought.bundle.id)))).bundle.trusted
    await execute(disable_plugin, yard.ctx(), WithReason("own_chain"))
    assert await yard.answer() == "missing"


async def test_another_service_neither_sees_nor_runs_nor_names_it(yard: Yard, platform: Any) -> None:
    brought = await yard.run(bundled())
    elsewhere = replace(yard, scope=await platform.agency())
    assert (await execute(list_own_plugins, elsewhere.ctx(), Nothing())).bundles == []
    assert (await execute(list_plugins, elsewhere.ctx(), Nothing())).plugins == []
    (key,) = (await execute(list_own_plugins, yard.ctx(), Nothing())).keys
    with refuses("which is not known here"):
        await elsewhere.bring(bundled())
    asked: list[tuple[UseCase[Any, Any], Any]] = [
        (get_bundle, ById(str(brought.bundle.id))),
        (choose_bundle, ById(str(brought.bundle.id))),
        (withdraw_bundle, ById(str(brought.bundle.id))),
        (revoke_plugin_key, RevokeKey(str(key.id))),
        (get_plugin, ByName("own_chain")),
    ]
    for case, data in asked:
        with pytest.raises(NotFound):
            await execute(case, elsewhere.ctx(), data)
    assert await elsewhere.answer() == "missing"
    await elsewhere.trust()
    await elsewhere.run(bundled("3.0"))
    assert [await elsewhere.answer(), await yard.answer()] == ["Delegated 3.0", "Delegated 1.0"]


async def test_the_operator_sees_that_it_is_there_and_may_stop_it(yard: Yard) -> None:
    brought = await yard.run(bundled())
    operator = yard.web.bind(yard.platform.ctx(yard.platform.operator, "plugin.read", "plugin.stop"))
    found = await execute(list_installed, operator, Nothing())
    (seen,) = [one for one in found.own if one.service["en"] == yard.scope.name_en]
    assert (seen.plugin, seen.plugin_version, seen.state) == ("own_chain", "1.0", "chosen")
    assert seen.sha256 == brought.sha256
    assert "own_chain" not in {one.name for one in found.plugins} | {one.name for one in found.broken}
    await execute(stop_plugin, operator, StopPlugin(plugin="own_chain", service=yard.scope.slug, reason="It is asked"))
    assert [await yard.answer(), await yard.answer(yard.worker)] == ["stopped"] * 2


@pytest.mark.parametrize("sealed", [True, False])
async def test_a_bundle_that_was_swapped_behind_everybodys_back_does_not_run(yard: Yard, *, sealed: bool) -> None:
    brought = await yard.bring(bundled())
    await yard.choose(brought)
    await yard.enable()
    worse = bundled(body="'worse'")
    async with tenant_session(yard.ctx()) as session:
        id = brought.bundle.id
        content = seal(yard.ctx(), PluginBundle, id, worse) if sealed else worse
        await session.execute(update(PluginBundle).where(PluginBundle.id == id).values(sealed=content))
    assert await yard.answer(yard.worker) == "broken"


async def test_what_a_plugin_says_where_it_is_loaded_is_what_was_signed(yard: Yard) -> None:
    said = code_of("1.0", "capabilities=frozenset({'notifications'})")
    with refuses("what it says of itself is not what was signed"):
        await yard.bring(bundled("1.0", says=said))


async def test_its_settings_have_a_form_and_are_checked_where_its_code_is_not(yard: Yard) -> None:
    await yard.run(bundled())
    with pytest.raises(Invalid):
        await execute(configure_plugin, yard.ctx(), ConfigurePlugin("own_chain", {"reason": "x" * 41}))
    await execute(configure_plugin, yard.ctx(), ConfigurePlugin("own_chain", {"reason": "By law", "ranks": ["chief"]}))
    assert await yard.answer(yard.worker) == "By law 1.0"


async def test_it_is_removed_with_a_receipt_and_its_bundles_are_erased_with_it(yard: Yard) -> None:
    await yard.run(bundled("1.0"))
    await yard.bring(bundled("1.1"))
    await execute(disable_plugin, yard.ctx(), WithReason("own_chain"))
    exported = await execute(export_plugin_data, yard.ctx(), ByName("own_chain"))
    export = str(exported.removals[0].id)
    await execute(erase_plugin_data, yard.ctx(), ErasePlugin("own_chain", export))
    async with tenant_session(yard.ctx(), read_only=True) as session:
        for table in (PluginBundle, BundleStanding):
            assert not await session.scalar(select(func.count()).select_from(table))
    assert await yard.answer(yard.worker) == "missing"
    assert (await execute(list_own_plugins, yard.ctx(), Nothing())).bundles == []


async def test_it_takes_up_nothing_of_another_plugin_that_had_its_name(yard: Yard) -> None:
    opened = read_bundle(bundled(), {fingerprint(KEY.public_key()): "The operator"})
    held = Held([make_plugin(opened, yard.web.registry.hooks, "folder")])
    yard.web.folder = lambda: held
    await yard.enable()
    assert await yard.answer() == "Delegated 1.0"
    yard.web.folder = lambda: NOTHING_HELD
    brought = await yard.bring(bundled("2.0"))
    with pytest.raises(Refused, match="Another plugin was called own_chain here"):
        await yard.choose(brought)
    assert await yard.answer() == "missing"
    await execute(disable_plugin, yard.ctx(), WithReason("own_chain"))
    exported = await execute(export_plugin_data, yard.ctx(), ByName("own_chain"))
    await execute(erase_plugin_data, yard.ctx(), ErasePlugin("own_chain", str(exported.removals[0].id)))
    await yard.run(bundled("2.0"))
    assert await yard.answer() == "Delegated 2.0"


async def test_a_version_that_was_chosen_and_never_switched_on_is_taken_away(yard: Yard) -> None:
    first = await yard.bring(bundled("1.0"))
    await yard.choose(first)
    assert [await yard.answer(), await yard.answer(yard.worker)] == ["disabled"] * 2
    assert (await execute(get_bundle, yard.ctx(), ById(str(first.bundle.id)))).removable
    assert (await execute(withdraw_bundle, yard.ctx(), ById(str(first.bundle.id)))).bundles == []
    assert [await yard.answer(), await yard.answer(yard.worker)] == ["missing"] * 2
    second = await yard.run(bundled("1.0"))
    for state in ("enabled", "disabled"):
        assert not (await execute(get_bundle, yard.ctx(), ById(str(second.bundle.id)))).removable, state
        with pytest.raises(Refused, match="This is the version that runs, or would"):
            await execute(withdraw_bundle, yard.ctx(), ById(str(second.bundle.id)))
        await execute(disable_plugin, yard.ctx(), WithReason("own_chain"))
    exported = await execute(export_plugin_data, yard.ctx(), ByName("own_chain"))
    await execute(erase_plugin_data, yard.ctx(), ErasePlugin("own_chain", str(exported.removals[0].id)))
    third = await yard.bring(bundled("2.0"))
    await yard.choose(third)
    assert (await execute(withdraw_bundle, yard.ctx(), ById(str(third.bundle.id)))).bundles == []
    async with tenant_session(yard.ctx(), read_only=True) as session:
        assert not await session.scalar(select(func.count()).select_from(BundleStanding))


async def test_a_version_that_does_not_run_is_taken_away(yard: Yard) -> None:
    first = await yard.run(bundled("1.0"))
    second = await yard.bring(bundled("1.1"))
    with pytest.raises(Refused, match="This is the version that runs"):
        await execute(withdraw_bundle, yard.ctx(), ById(str(first.bundle.id)))
    left = await execute(withdraw_bundle, yard.ctx(), ById(str(second.bundle.id)))
    assert [one.plugin_version for one in left.bundles] == ["1.0"]
    assert await yard.answer() == "Delegated 1.0"
