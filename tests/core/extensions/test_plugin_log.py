"""The log of the plugins: searched by a service's own administrators and developers, and by nobody else."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest

from core.context import LANGUAGES, Language, Scope
from core.database.sessions import tenant_session
from core.errors import Forbidden
from core.extensions.lifecycle import PLUGIN_LOG, PLUGIN_MANAGE, PLUGIN_READ
from core.extensions.log import ListPluginLines, PluginLineList, list_plugin_lines
from core.extensions.subscribers import forget_figures
from core.hooks.answers import Cause
from core.hooks.database_figures import LINES_KEPT, keep_notes
from core.hooks.records import Line, Notes
from core.use_cases.execution import execute
from tests.core.extensions.conftest import Bench
from tests.http.ring import main_of

pytestmark = pytest.mark.http
BAD = "<script>alert(1)</script>"


async def write(bench: Bench, scope: Scope, *messages: str, hook: str = "hr_fetch", cause: Cause | None = None) -> None:
    ctx = bench.ctx(scope)
    made = [
        Line(
            "chain",
            "1.0",
            hook,
            "failure" if cause else "info",
            cause,
            one,
            {"rows": 12300},
            "a-request",
            ctx.clock.now(),
        )
        for one in messages
    ]
    async with tenant_session(ctx) as session:
        await keep_notes(session, ctx, Notes(lines=made))


async def found(bench: Bench, scope: Scope, **asked: object) -> list[str]:
    wanted = ListPluginLines(**asked)  # type: ignore[arg-type] # what each test asks for
    lines: PluginLineList = await execute(list_plugin_lines, bench.ctx(scope, PLUGIN_LOG), wanted)
    return [one.message for one in lines.lines]


@pytest.mark.parametrize("day", [date.min, date(1969, 7, 20), date.max])
async def test_no_day_of_the_calendar_breaks_the_log(bench: Bench, day: date) -> None:
    scope = await bench.agency("chain")
    await write(bench, scope, "first")
    assert await found(bench, scope, start=day) == ([] if day == date.max else ["first"])
    assert await found(bench, scope, end=day) == (["first"] if day == date.max else [])


async def test_lines_are_found_by_text_level_hook_plugin_and_day_and_come_in_pages(bench: Bench) -> None:
    scope, clock = await bench.agency("chain"), bench.ring.platform.clock
    await write(bench, scope, "first", "50% done")
    clock.advance(timedelta(days=2))
    await write(bench, scope, "ValueError at plugin.py:3 in read", hook="approval_chain", cause="raised")
    today = bench.ctx(scope).today
    assert await found(bench, scope, text="FIRST") == ["first"]
    assert await found(bench, scope, text="50%") == ["50% done"]
    assert await found(bench, scope, text="12300") == ["ValueError at plugin.py:3 in read", "50% done", "first"]
    assert await found(bench, scope, level="failure") == await found(bench, scope, hook="approval_chain")
    assert await found(bench, scope, start=today) == ["ValueError at plugin.py:3 in read"]
    assert await found(bench, scope, end=today - timedelta(days=1)) == ["50% done", "first"]
    assert await found(bench, scope, plugin="mailer") == []
    ctx, told = bench.ctx(scope, PLUGIN_LOG), list[str]()
    after: UUID | None = None
    while True:
        page: PluginLineList = await execute(list_plugin_lines, ctx, ListPluginLines(limit=1, after=after))
        told += [one.message for one in page.lines]
        after = page.next
        if after is None:
            break
    assert told == await found(bench, scope)


async def test_nobody_else_sees_a_line(bench: Bench) -> None:
    mine, other = await bench.agency("chain"), await bench.agency("chain")
    await write(bench, mine, "mine")
    assert await found(bench, other) == []
    with pytest.raises(Forbidden):
        await execute(list_plugin_lines, bench.ctx(mine, PLUGIN_READ, PLUGIN_MANAGE), ListPluginLines())
    page = await bench.ring.browser(mine, PLUGIN_READ).get(f"/en/{mine.slug}/plugins/chain")
    assert "/plugin-log" not in main_of(page)


async def test_lines_are_forgotten(bench: Bench) -> None:
    scope, clock = await bench.agency("chain"), bench.ring.platform.clock
    await write(bench, scope, "old")
    clock.advance(LINES_KEPT - timedelta(minutes=1))
    await write(bench, scope, "young")
    await forget_figures(bench.ctx(scope))
    assert await found(bench, scope) == ["young", "old"]
    clock.advance(timedelta(minutes=2))
    await forget_figures(bench.ctx(scope))
    assert await found(bench, scope) == ["young"]


async def seen(browser: httpx.AsyncClient, address: str) -> str:
    page = await browser.get(address)
    assert page.status_code == 200, page.text[:500]
    return main_of(page)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_shows_lines_and_lets_nothing_in_them_do_harm(bench: Bench, language: Language) -> None:
    words: dict[Language, list[str]] = {
        "en": ["Failed with an error", "Information", "rows: 12,300"],
        "fr": ["Échec par une erreur", "Information", "rows\u00a0: 12\u00a0300"],
    }
    scope = await bench.agency("chain")
    await write(bench, scope, BAD)
    await write(bench, scope, "ValueError at plugin.py:3 in read", cause="raised")
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_LOG)
    main = await seen(browser, f"/{language}/{scope.slug}/plugin-log")
    assert [one for one in words[language] if one not in main] == []
    assert BAD not in main
    assert "&lt;script&gt;" in main
    assert "ValueError" not in await seen(browser, f"/{language}/{scope.slug}/plugin-log?text=script&plugin=chain")
    assert "/plugin-log?plugin=chain" in await seen(browser, f"/{language}/{scope.slug}/plugins/chain")
