"""A call of a plugin that came as a bundle is tried again as any other: in a host of an invented agency's own."""

from __future__ import annotations

import os
from typing import Any

import pytest

from core.bundles.making import make_plugin
from core.errors import Refused
from core.extensions.lifecycle import PLUGIN_LOG, PLUGIN_READ, PLUGIN_REPLAY
from core.extensions.replaying import OneHook, Replayed, replay_hook
from core.extensions.schemas import EnterSafeMode
from core.extensions.stopping import enter_safe_mode
from core.hooks.bundles import read_bundle
from core.hooks.registry import Held
from core.hooks.sandbox.hosts import Hosts
from core.hooks.signing import fingerprint
from core.use_cases.execution import execute
from tests.core.bundles.conftest import KEY, Yard, bundled
from tests.core.extensions.browsing import controls
from tests.http.ring import main_of

pytestmark = [pytest.mark.sandbox, pytest.mark.http]

HOOK = OneHook("own_chain", "approval_chain")
FAILS = "ctx.log.info('asked', reason=ctx.settings.reason); raise KeyError(ctx.settings.reason)"
WHO = 'import os; return NoApproval(reason={"en": str(os.getpid()), "fr": "oui"})'


async def again(yard: Yard) -> Replayed:
    ctx = yard.web.bind(yard.platform.ctx(yard.scope, PLUGIN_READ, PLUGIN_REPLAY))
    return await execute(replay_hook, ctx, HOOK)


async def as_ones_own(yard: Yard, content: bytes) -> None:
    await yard.run(content)


async def from_the_folder(yard: Yard, content: bytes) -> None:
    opened = read_bundle(content, {fingerprint(KEY.public_key()): "The operator"})
    held = Held([make_plugin(opened, yard.web.registry.hooks, "folder")])
    yard.web.folder = lambda: held
    await yard.enable()


@pytest.mark.parametrize("brought", [as_ones_own, from_the_folder])
async def test_a_failure_comes_again_with_what_it_wrote_and_where_it_failed(yard: Yard, brought: Any) -> None:
    await brought(yard, bundled(body=FAILS))
    assert await yard.answer() == "raised"
    found = await again(yard)
    assert (found.cause, found.sandboxed, found.tried) == ("raised", True, 1)
    assert "KeyError" in found.error
    assert "Delegated" not in found.error
    assert [one.message for one in found.said] == ["asked"]


@pytest.mark.parametrize("brought", [as_ones_own, from_the_folder])
async def test_it_runs_in_neither_this_process_nor_the_agency_s_host(yard: Yard, hosts: Hosts, brought: Any) -> None:
    await brought(yard, bundled(body=WHO))
    own, before = await yard.answer(), set(hosts._ways)
    found = await again(yard)
    assert found.cause is None
    assert found.answer["reason"]["en"].isdigit()
    assert found.answer["reason"]["en"] not in (str(os.getpid()), own)
    assert set(hosts._ways) == before, "the host of the one call is kept"


async def test_the_chosen_version_is_tried_and_none_in_safe_mode(yard: Yard) -> None:
    await yard.run(bundled("1.0", body=FAILS))
    await yard.choose(await yard.bring(bundled("1.1")))
    found = await again(yard)
    assert (found.cause, found.plugin_version, found.answer["reason"]["en"]) == (None, "1.1", "Delegated 1.1")
    await execute(enter_safe_mode, yard.ctx(), EnterSafeMode("Something is odd"))
    with pytest.raises(Refused, match="In safe mode no plugin runs"):
        await again(yard)


@pytest.mark.parametrize(("language", "says"), [("en", "failed with an error"), ("fr", "a échoué")])
async def test_its_developer_tries_it_on_the_page(yard: Yard, language: str, says: str) -> None:
    await yard.run(bundled(body=FAILS))
    await yard.answer()
    await yard.web.settle()
    path = f"/{language}/{yard.scope.slug}/plugins/own_chain"
    async with yard.ring.browser(yard.scope, PLUGIN_READ, PLUGIN_REPLAY, PLUGIN_LOG) as developer:
        page = await developer.get(f"{path}/figures")
        shown = await developer.post(f"{path}/hooks/approval_chain/replay", data=controls(page.text, "/replay"))
        assert shown.status_code == 200, main_of(shown)
        assert says in main_of(shown)
        assert "KeyError" in main_of(shown)
        assert "own_chain”" not in main_of(shown)
        assert "own_chain\u00a0»" not in main_of(shown)
