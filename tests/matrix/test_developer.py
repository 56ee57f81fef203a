"""Whoever develops an agency's plugins sees how they fare, and ids, and nothing of any person, wherever they look."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from auth.matrix.cells import Cell
from auth.matrix.deriving import INSIDE
from auth.matrix.fields import class_of
from auth.people import ThePeople
from auth.roles import permissions_of
from core.context import LANGUAGES, Language
from core.database.tables import DataClass
from core.extensions import replaying
from core.extensions.lifecycle import PLUGIN_PEOPLE
from core.use_cases.declaration import DECLARED
from core.web.routes import PREFIX
from tests.matrix.asking import look, made_for, send
from tests.matrix.telling import MARK
from tests.matrix.test_guard_and_service import kept
from tests.matrix.trial import Trial

pytestmark = pytest.mark.http

OF_PLUGINS = {
    "plugin_bundle.statement",
    "plugin_delivery.failure",
    "plugin_enablement.settings",
    "plugin_difference.difference",
    "plugin_failure.detail",
    "plugin_line.fields",
    "plugin_line.message",
    "plugin_removal.sha256",
}
"""What stays inside the agency and its developer reads: settings, and lines that are made without content."""
ONES_OWN = {"channel_address.address", "channel_address.channel", "notification.sentence", "session.device"}
"""What every seat is shown of itself: the rows here are the developer's own."""
NO_BUNDLE = "/api/v1/own-plugins"
"""What is brought there is no bundle here, so that it is refused; and the refusal names nobody either."""
HREF = re.compile(r'href="(/(?:en|fr)/[^"#?]+)')


def opened(trial: Trial, who: str, surface: str) -> list[Cell]:
    """Return where a role of an agency is let in."""
    return [one for one in kept(trial, surface) if (one.kind, one.who) == ("agency", who) and one.allowed]


async def answers(trial: Trial, who: str, language: Language) -> AsyncIterator[tuple[str, httpx.Response]]:
    """Yield every page and every answer of the API that the role may open, files among them."""
    pages = {f"{INSIDE}{page.pattern}".rstrip("/"): page for group in trial.whole.site.pages for page in group.shown}
    for cell in opened(trial, who, "page"):
        yield cell.address.pattern, await look(trial, cell, pages[cell.address.pattern], "agency", language=language)
    routes = {f"{one.method} {PREFIX}{one.pattern}": one for one in trial.whole.routes}
    for cell in opened(trial, who, "api"):
        route = routes[f"{cell.address.method} {cell.address.pattern}"]
        case = DECLARED[str(cell.address.use_case)]
        values = made_for(trial, case, cell.address.pattern, "agency", "agency")
        yield cell.address.pattern, await send(trial, cell, route, values)


def told(answer: httpx.Response) -> set[str]:
    """Return the columns from which something stands in an answer."""
    return {f"{table}.{column}" for table, column, _ in MARK.findall(answer.text)}


def allowed(column: str) -> bool:
    """Say whether a developer may read what stands in a column: nothing, unless it is named or says nothing."""
    bare = column.startswith("plugin_") and class_of(column) is DataClass.PUBLIC
    return bare or column in OF_PLUGINS | ONES_OWN


async def _answered_for(*_: object) -> bool:
    """Say that somebody let the program in: what it brings is looked at, and refused for what is wrong with it."""
    return True


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_developer_is_told_of_no_person_wherever_they_may_look(
    trial: Trial, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "waits", lambda _plugin, _row: False)  # the rows consent to nothing
    monkeypatch.setattr(ThePeople, "answered_for", _answered_for)
    seen, found = set[str](), []
    async for where, answer in answers(trial, "developer", language):
        assert answer.status_code < 400 or (where, answer.status_code) == (NO_BUNDLE, 422), (where, answer.text[:500])
        seen |= told(answer)
        found += [f"{where} tells {one}" for one in sorted(told(answer)) if not allowed(one)]
    assert found == []
    assert seen >= OF_PLUGINS - {"plugin_removal.sha256"} | ONES_OWN, "the rows have nothing to tell: the test is blind"


async def test_the_same_addresses_tell_an_auditor_who_it_was(trial: Trial) -> None:
    seen = set[str]()
    async for where, answer in answers(trial, "auditor", "en"):
        seen |= told(answer) if "plugins" in where else set()
    assert {
        "plugin_change.actor_name",
        "plugin_change.reason",
        "plugin_delivery.reason",
        "plugin_enablement.consented_by_name",
        "plugin_enablement.reason",
        "plugin_removal.exported_by_name",
        "plugin_removal.erased_by_name",
        "plugin_secret.set_by_name",
        "plugin_task.title_en",
    } <= seen


async def test_no_link_leads_a_developer_from_an_id_to_whose_it_is(trial: Trial) -> None:
    cells = {one.address.pattern.removeprefix(INSIDE): one for one in opened(trial, "developer", "page")}
    patterns = [re.compile(re.sub(r"\{\w+\}", "[^/]+", one) + r"/?\Z") for one in cells]
    links = set[str]()
    async for _, answer in answers(trial, "developer", "en"):
        links |= {"/" + one.split("/", 3)[3] for one in HREF.findall(answer.text) if one.count("/") > 2}
    assert "/plugins/hr_file/deliveries" in links
    assert [one for one in sorted(links) if not any(pattern.match(one) for pattern in patterns)] == []


def test_the_role_holds_nothing_but_what_is_of_plugins() -> None:
    held = permissions_of("agency", frozenset({"developer"}))
    assert {one.split(".")[0] for one in held} == {"plugin"}
    assert PLUGIN_PEOPLE not in held
