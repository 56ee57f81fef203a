"""An agency keeps so many versions, of so many bytes, and brings so many an hour: beyond that it is told what to do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.bundles import bringing
from core.bundles.lifecycle import PLUGIN_UPLOAD
from core.bundles.service import list_own_plugins, withdraw_bundle
from core.errors import Refused, TooMany
from core.extensions.lifecycle import PLUGIN_READ
from core.limits.buckets import Limit
from core.use_cases.declaration import ById, Nothing
from core.use_cases.execution import execute
from tests.core.bundles.conftest import Yard, bundled
from tests.core.bundles.test_pages import send_file
from tests.http.ring import main_of
from tests.platform import Platform

pytestmark = [pytest.mark.sandbox, pytest.mark.http]


async def versions(yard: Yard) -> set[str]:
    return {one.plugin_version for one in (await execute(list_own_plugins, yard.ctx(), Nothing())).bundles}


async def test_so_many_versions_are_kept_besides_the_chosen_one(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "MOST_NOT_CHOSEN", 2)
    await yard.choose(await yard.bring(bundled("1.0")))
    brought = [await yard.bring(bundled(one)) for one in ("1.1", "1.2")]
    with pytest.raises(Refused, match="keeps 2 versions that are not chosen") as refused:
        await yard.bring(bundled("1.3"))
    assert "Take versions away" in str(refused.value.remedy)
    await execute(withdraw_bundle, yard.ctx(), ById(str(brought[0].bundle.id)))
    await yard.bring(bundled("1.3"))
    assert await versions(yard) == {"1.0", "1.2", "1.3"}


async def test_all_versions_together_have_so_many_bytes(
    yard: Yard, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(bundled("1.0"))
    monkeypatch.setattr(bringing, "MOST_BYTES", 2 * size)
    await yard.choose(await yard.bring(bundled("1.0")))
    await yard.bring(bundled("1.1"))
    with pytest.raises(Refused, match="would keep more than 0 MiB of plugins"):
        await yard.bring(bundled("1.2"))
    elsewhere = replace(yard, scope=await platform.agency())
    await elsewhere.trust()
    await elsewhere.bring(bundled("1.2"))
    assert (await versions(yard), await versions(elsewhere)) == ({"1.0", "1.1"}, {"1.2"})


async def test_two_that_are_brought_at_once_do_not_both_take_the_last_place(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "MOST_NOT_CHOSEN", 1)
    both = await asyncio.gather(yard.bring(bundled("1.0")), yard.bring(bundled("1.1")), return_exceptions=True)
    assert [type(one) for one in both if isinstance(one, BaseException)] == [Refused]
    assert len(await versions(yard)) == 1


async def test_so_many_are_brought_in_an_hour(yard: Yard, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "BUNDLE", Limit("bundle", quota=2, window=3600))
    for one in ("1.0", "1.1"):
        await yard.bring(bundled(one))
    with pytest.raises(TooMany) as refused:
        await yard.bring(bundled("1.2"))
    assert refused.value.retry_after == 1800
    elsewhere = replace(yard, scope=await platform.agency())
    await elsewhere.trust()
    await elsewhere.bring(bundled("1.2"))
    platform.clock.advance(timedelta(seconds=1800))
    await yard.bring(bundled("1.2"))


@pytest.mark.parametrize(
    ("language", "says", "remedy"),
    [
        ("en", "keeps 0 versions that are not chosen", "Take versions away that nobody needs"),
        ("fr", "conserve 0 versions qui ne sont pas choisies", "Retirez les versions dont personne n’a besoin"),
    ],
)
async def test_the_page_says_what_to_do(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, language: str, says: str, remedy: str
) -> None:
    monkeypatch.setattr(bringing, "MOST_NOT_CHOSEN", 0)
    async with yard.ring.browser(yard.scope, PLUGIN_READ, PLUGIN_UPLOAD) as developer:
        page = await send_file(developer, f"/{language}/{yard.scope.slug}/own-plugins", bundled())
        assert page.status_code == 409
        assert says in main_of(page)
        assert remedy in main_of(page)
